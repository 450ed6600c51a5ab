from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.store.conftest import Store, new_store
from tests.services.store.factories import OfferingState, PriceState
from tests.support.schemathesis_kit import bounded, openapi, send
from tests.support.tokens import Issuer

schema = openapi("store")


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Store, str]]:
    """A store with an offering; nobody writes to it."""
    with new_store() as store:
        price = PriceState()
        offering = OfferingState(name="Fibre", pricing_ids=[price["id"]])
        store.publish(("Price", price), ("Offering", offering))
        yield store, offering["id"]


@schema.parametrize()
@bounded(max_examples=20)
def test_the_service_keeps_what_its_openapi_document_says(
    case: Any, filled: tuple[Store, str], tokens: Issuer
) -> None:
    _, offering_id = filled
    if "offering_id" in (case.path_parameters or {}) and len(str(case.path_parameters["offering_id"])) == 36:
        case.path_parameters["offering_id"] = offering_id
    send(case, tokens.make("admin"))
