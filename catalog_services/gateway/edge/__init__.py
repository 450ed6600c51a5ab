"""The raw ASGI side: every request enters here, and proxied ones never meet Django."""
