"""The events these tests use are events the write services send: they fit the producers' published schemas."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from apps.store_item.payloads import BY_KIND
from config.env import BASE_DIR
from tests.services.store.factories import (
    SOURCES,
    CatalogState,
    CategoryState,
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)


def states() -> dict[str, dict[str, Any]]:
    speed, price, category, catalog = CharacteristicState(), PriceState(), CategoryState(), CatalogState()
    access = SpecificationState(characteristics=[uses(speed, default="100")])
    offering = OfferingState(
        specification_ids=[access["id"]],
        pricing_ids=[price["id"]],
        category_ids=[category["id"]],
        catalog_ids=[catalog["id"]],
        market_segments=["SME"],
        characteristic_values=[{"characteristic_id": speed["id"], "value": "100"}],
        bundled_offerings=[{"id": OfferingState()["id"], "min": 0, "max": 2, "default": 1}],
    )
    synonyms = {**CategoryState(), "terms": ["fibre", "glass"]}
    return {
        "Characteristic": speed,
        "Specification": access,
        "Price": price,
        "Category": category,
        "Catalog": catalog,
        "Offering": offering,
        "SynonymSet": {k: synonyms[k] for k in ("id", "external_id", "created_at", "updated_at", "terms")},
    }


@pytest.mark.parametrize("kind", BY_KIND)
def test_what_the_store_reads_is_what_the_producer_promises(kind: str) -> None:
    path = BASE_DIR / "catalog_services" / SOURCES[kind] / "schemas" / f"{kind.lower()}.json"
    schema = json.loads(path.read_text())
    promised = {name for name, spec in schema["properties"].items() if name in schema["required"]}
    _, payload = BY_KIND[kind]
    assert set(payload.model_fields) <= promised
    assert payload.model_validate(event(kind, states()[kind]).data)


@pytest.mark.parametrize("kind", BY_KIND)
def test_the_events_of_these_tests_are_those_of_the_producer(kind: str) -> None:
    path = BASE_DIR / "catalog_services" / SOURCES[kind] / "schemas" / f"{kind.lower()}.json"
    schema = json.loads(path.read_text())
    data = event(kind, states()[kind]).data
    jsonschema.validate(data, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
