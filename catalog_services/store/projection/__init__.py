"""Events in: components, what shows them, entries in both stores."""

from catalog_services.store.projection.consumer import consume

__all__ = ["consume"]
