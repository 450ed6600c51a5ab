"""The aggregates this service tells the others about."""

from apps.outbox.kinds import AggregateKind, register
from catalog_services.characteristic.models import Characteristic
from catalog_services.characteristic.selectors.characteristic import characteristic_state, characteristics

CHARACTERISTIC = register(
    AggregateKind("Characteristic", Characteristic, state=characteristic_state, rows=characteristics)
)
