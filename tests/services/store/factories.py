"""Events as the write services send them."""

from __future__ import annotations

from typing import Any

import factory

from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent

SOURCES = {
    "Characteristic": "characteristic",
    "Specification": "specification",
    "Price": "pricing",
    "Offering": "offering",
    "Category": "offering",
    "Catalog": "offering",
    "SynonymSet": "offering",
}


class State(factory.DictFactory):
    """What every aggregate's representation has."""

    id = factory.LazyFunction(lambda: str(uuid7()))
    external_id = None
    created_at = updated_at = "2026-01-01T00:00:00Z"


class CharacteristicState(State):
    description = ""
    name = factory.Sequence(lambda n: f"Speed {n}")
    value_type = "number"
    unit_of_measure = "Mbps"
    value = "100"
    values = factory.LazyAttribute(lambda o: [{"value": o.value, "is_default": True}] if o.value else [])


class SpecificationState(State):
    description = ""
    name = factory.Sequence(lambda n: f"Access {n}")
    brand = "Acme"
    product_number = factory.Sequence(lambda n: f"AC-{n}")
    characteristics = factory.LazyFunction(list)
    characteristic_ids = factory.LazyAttribute(lambda o: [use["id"] for use in o.characteristics])


def uses(characteristic: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A specification's use of a characteristic."""
    use = {"values": [], "default": None, "configurable": False, "min_cardinality": 0, "max_cardinality": 1}
    return {"id": characteristic["id"], **use, **fields}


class PriceState(State):
    name = factory.Sequence(lambda n: f"Fee {n}")
    value = "19.90"
    currency = "EUR"
    unit = "per month"
    price_type = "recurring"
    recurring_period = "month"
    recurring_period_length = 1
    unit_of_measure = None
    tax_rate = None
    tax_included = False
    valid_from = valid_to = None


class OfferingState(State):
    description = ""
    name = factory.Sequence(lambda n: f"Offering {n}")
    specification_ids = factory.LazyFunction(list)
    pricing_ids = factory.LazyFunction(list)
    sales_channels = factory.LazyFunction(lambda: ["online"])
    category_ids = factory.LazyFunction(list)
    catalog_ids = factory.LazyFunction(list)
    is_bundle = False
    bundled_offerings = factory.LazyFunction(list)
    characteristic_values = factory.LazyFunction(list)
    market_segments = factory.LazyFunction(list)
    valid_from = valid_to = None
    lifecycle_status = "PUBLISHED"
    status_reason = ""
    publication_id = None
    published_at = "2026-06-01T00:00:00Z"
    retired_at = None


class CategoryState(State):
    description = ""
    name = factory.Sequence(lambda n: f"Category {n}")
    parent_id = None


class CatalogState(State):
    description = ""
    name = factory.Sequence(lambda n: f"Catalog {n}")
    valid_from = valid_to = None


def event(kind: str, state: dict[str, Any], *, version: int = 1, verb: str = "Updated") -> CloudEvent:
    """An event of an aggregate; ``verb`` is Created, Updated, Deleted or Snapshot."""
    data = {"id": state["id"]} if verb == "Deleted" else {**state, "version": version}
    return CloudEvent(
        type=f"catalog.{SOURCES[kind]}.{kind}{verb}.v1",
        source=SOURCES[kind],
        subject=state["id"],
        aggregateversion=version,
        data=data,
    )


def publication_failed(publication_id: str, offering_id: str) -> CloudEvent:
    return CloudEvent(
        type="catalog.offering.PublicationFailed.v1",
        source="offering",
        subject=publication_id,
        aggregateversion=1,
        data={"id": publication_id, "offering_id": offering_id},
    )
