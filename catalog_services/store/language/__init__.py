"""What the store knows of language and units: pure Python, so it is the same on every cluster."""
