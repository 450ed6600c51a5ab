"""The screens of this service; each registers itself."""

from catalog_services.offering.admin.catalog import CatalogAdmin
from catalog_services.offering.admin.category import CategoryAdmin
from catalog_services.offering.admin.offering import OfferingAdmin
from catalog_services.offering.admin.publication import PublicationAdmin
from catalog_services.offering.admin.scheduled_change import ScheduledChangeAdmin
from catalog_services.offering.admin.synonym_set import SynonymSetAdmin

__all__ = [
    "CatalogAdmin",
    "CategoryAdmin",
    "OfferingAdmin",
    "PublicationAdmin",
    "ScheduledChangeAdmin",
    "SynonymSetAdmin",
]
