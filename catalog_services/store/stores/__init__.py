"""The two stores: clients, what is remembered of their absence, and the generation that is live."""
