from catalog_services.offering.models.catalog import Catalog
from catalog_services.offering.models.category import Category
from catalog_services.offering.models.offering import Offering
from catalog_services.offering.models.publication import Publication
from catalog_services.offering.models.scheduled_change import ScheduledChange
from catalog_services.offering.models.synonym_set import SynonymSet

__all__ = ["Catalog", "Category", "Offering", "Publication", "ScheduledChange", "SynonymSet"]
