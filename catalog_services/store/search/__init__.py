"""Questions in: criteria, one query for each store, and the reader that knows which one to ask."""
