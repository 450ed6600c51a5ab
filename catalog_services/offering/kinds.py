"""The aggregates this service tells the others about, referred ones first."""

from apps.outbox.kinds import AggregateKind, register
from catalog_services.offering.models import Catalog, Category, Offering, SynonymSet
from catalog_services.offering.selectors.catalog import catalog_state, catalogs
from catalog_services.offering.selectors.category import categories, category_state
from catalog_services.offering.selectors.offering import offering_state, offerings
from catalog_services.offering.selectors.synonym_set import synonym_set_state, synonym_sets

CATEGORY = register(AggregateKind("Category", Category, state=category_state, rows=categories))
CATALOG = register(AggregateKind("Catalog", Catalog, state=catalog_state, rows=catalogs))
OFFERING = register(AggregateKind("Offering", Offering, state=offering_state, rows=offerings))
SYNONYM_SET = register(AggregateKind("SynonymSet", SynonymSet, state=synonym_set_state, rows=synonym_sets))
