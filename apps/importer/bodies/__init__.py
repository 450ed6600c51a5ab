"""The v1 bodies of the items, one module for each kind that needs more than its own fields."""
