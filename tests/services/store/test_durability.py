"""What is acknowledged is in the journal of a majority of MongoDB's members, or it is not acknowledged."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from catalog_services.store.projection import consume
from catalog_services.store.stores import mongo
from tests.services.store.conftest import DEAD_MONGODB, Store
from tests.services.store.factories import OfferingState, event

NEWER_IS_THERE = {"index": 0, "code": mongo.DUPLICATE_KEY, "errmsg": "E11000 duplicate key error"}
NOT_REPLICATED = {"code": 64, "errmsg": "waiting for replication timed out"}


@pytest.mark.parametrize("options", ["", "?w=1&journal=false"])
def test_a_write_is_acknowledged_by_the_journals_of_a_majority_whatever_the_url_says(options: str) -> None:
    with override_settings(STORE_MONGODB_URL=f"{DEAD_MONGODB}{options}"):
        for database in (mongo.writing(), mongo.scanning(), mongo.reading()):
            collection = mongo.collection(database, "entries", "of any generation")
            assert collection.write_concern.document == {"w": "majority", "j": True}


@pytest.mark.parametrize(
    ("errors", "outcome"),
    [
        ({"writeErrors": [NEWER_IS_THERE], "writeConcernErrors": []}, "ack"),
        ({"writeErrors": [], "writeConcernErrors": [NOT_REPLICATED]}, "wait"),
        ({"writeErrors": [NEWER_IS_THERE], "writeConcernErrors": [NOT_REPLICATED]}, "wait"),
        ({"writeErrors": [NEWER_IS_THERE, {"index": 1, "code": 112}], "writeConcernErrors": []}, "wait"),
    ],
    ids=["a newer state is there", "not replicated", "both", "a newer state and another error"],
)
def test_an_event_waits_whose_state_a_majority_has_not_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch, errors: dict[str, Any], outcome: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BulkWriteError(errors)

    offering = OfferingState()
    store.apply(event("Offering", offering))
    monkeypatch.setattr(Collection, "bulk_write", refuse)
    assert [receipt.outcome for receipt in consume([event("Offering", offering)])] == [outcome]
