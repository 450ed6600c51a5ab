"""The aggregates this service tells the others about."""

from apps.outbox.kinds import AggregateKind, register
from catalog_services.pricing.models import Price
from catalog_services.pricing.selectors.price import price_state, prices

PRICE = register(AggregateKind("Price", Price, state=price_state, rows=prices))
