"""A new generation from snapshots, beside the live one; and the comparison of the store with the write side."""
