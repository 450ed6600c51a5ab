"""Event handlers: this service hears of nobody. Importing its kinds makes its snapshots complete."""

from catalog_services.characteristic import kinds

__all__ = ["kinds"]
