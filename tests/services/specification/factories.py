"""Replicas as events write them, and specifications made the only way there is: by the action."""

from __future__ import annotations

from typing import Any

import factory

from apps.core.actor import SYSTEM
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import consume
from catalog_services.specification import tasks  # noqa: F401 (declares the event handlers)
from catalog_services.specification.actions.specification_create import specification_create
from catalog_services.specification.models import Specification


def characteristic(*values: str, default: str | None = None, **change: Any) -> dict[str, Any]:
    """A characteristic as its owner's REST and events show it; ``default`` is the first value unless given."""
    chosen = default or (values[0] if values else None)
    id_ = str(change.pop("id", uuid7()))
    return {
        "id": id_,
        "external_id": None,
        "version": 1,
        "name": f"Download speed {id_[-4:]}",
        "description": "",
        "value_type": "number",
        "unit_of_measure": "Mbps",
        "values": [{"value": value, "is_default": value == chosen} for value in values],
        "value": chosen,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        **change,
    }


def tell(state: dict[str, Any], verb: str = "Created") -> CloudEvent:
    """Let the service hear of a characteristic; gives the event."""
    event = CloudEvent(
        type=f"catalog.characteristic.Characteristic{verb}.v1",
        source="characteristic",
        subject=state["id"],
        aggregateversion=state["version"],
        data={"id": state["id"]} if verb == "Deleted" else state,
    )
    assert [receipt.outcome for receipt in consume([event])] == ["ack"]
    return event


def heard(*values: str, **change: Any) -> dict[str, Any]:
    """A characteristic that the service has heard of."""
    state = characteristic(*values, **change)
    tell(state)
    return state


class SpecificationFactory(factory.django.DjangoModelFactory):
    """``characteristic_ids`` or ``characteristics`` as in REST; one characteristic with 100 and 500 unless given."""

    class Meta:
        model = Specification

    name = factory.Sequence(lambda n: f"Fibre line {n}")

    @classmethod
    def _create(cls, model_class: type[Specification], *args: Any, **kwargs: Any) -> Specification:
        if not {"characteristic_ids", "characteristics"} & set(kwargs):
            kwargs["characteristic_ids"] = [heard("100", "500")["id"]]
        return specification_create(actor=SYSTEM, fields=kwargs)
