"""The aggregates this service tells the others about."""

from apps.outbox.kinds import AggregateKind, register
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.specification import specification_state, specifications

SPECIFICATION = register(
    AggregateKind("Specification", Specification, state=specification_state, rows=specifications)
)
