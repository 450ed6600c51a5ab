"""What customers see of an offering, as pure functions: the store composes its items with them, and offering's preview
shows with the same what an item would be."""
