"""The screens of this service; each registers itself."""

from catalog_services.offering.admin.catalog import CatalogAdmin
from catalog_services.offering.admin.category import CategoryAdmin
from catalog_services.offering.admin.offering import OfferingAdmin

__all__ = ["CatalogAdmin", "CategoryAdmin", "OfferingAdmin"]
