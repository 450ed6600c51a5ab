"""What is acknowledged is in the journal of a majority of MongoDB's members, or it is not acknowledged."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from pymongo import ReadPreference, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from catalog_services.store.projection import consume, publications
from catalog_services.store.stores import mongo
from tests.services.store.conftest import DEAD_MONGODB, Store
from tests.services.store.factories import OfferingState, event

OTHERWISE = "?w=1&journal=false&readPreference=secondaryPreferred&maxStalenessSeconds=120"
NEWER_IS_THERE = {"index": 0, "code": mongo.DUPLICATE_KEY, "errmsg": "E11000 duplicate key error"}
NOT_REPLICATED = {"code": 64, "errmsg": "waiting for replication timed out"}


@pytest.mark.parametrize(
    "options", ["", "?w=1&journal=false&readPreference=secondaryPreferred&maxStalenessSeconds=120"]
)
def test_a_write_is_in_the_journals_of_a_majority_and_the_primary_is_read_whatever_the_url_says(
    options: str,
) -> None:
    with override_settings(STORE_MONGODB_URL=f"{DEAD_MONGODB}{options}"):
        for database in (mongo.writing(), mongo.scanning(), mongo.reading()):
            collection = mongo.collection(database, "entries", "of any generation")
            assert collection.write_concern.document == {"w": "majority", "j": True}
            assert collection.read_preference == ReadPreference.PRIMARY


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
    real = Collection.bulk_write

    def refuse(self: Any, writes: list[UpdateOne], **options: Any) -> Any:
        if not any(write._upsert for write in writes):
            return real(self, writes, **options)
        raise BulkWriteError(errors)

    offering = OfferingState()
    store.apply(event("Offering", offering))
    monkeypatch.setattr(Collection, "bulk_write", refuse)
    assert [receipt.outcome for receipt in consume([event("Offering", offering)])] == [outcome]


@pytest.mark.parametrize("verb", ["Updated", "Deleted"])
def test_of_two_that_come_first_at_once_the_newer_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Both find nothing, the older one is inserted, and the newer one's insert meets its id: MongoDB does not try an
    update with a range in its condition again, and to be met is no word of versions."""
    offering = OfferingState(name="Older")
    newer = event("Offering", {**offering, "name": "Newer"}, version=2, verb=verb)
    real, waiting = Collection.bulk_write, [event("Offering", offering, version=1)]

    def overtaken(self: Any, writes: list[UpdateOne], **options: Any) -> Any:
        if self.name.startswith("offerings") and waiting:
            store.apply(waiting.pop())
            raise BulkWriteError({"writeErrors": [NEWER_IS_THERE], "writeConcernErrors": []})
        return real(self, writes, **options)

    monkeypatch.setattr(Collection, "bulk_write", overtaken)
    assert [receipt.outcome for receipt in consume([newer])] == ["ack"]
    (kept,) = mongo.collection(mongo.writing(), "offerings", store.generation).find()
    assert (kept["version"], kept["deleted"]) == (2, verb == "Deleted")
    store.refresh()
    assert store.names() == ([] if verb == "Deleted" else ["Newer"])


def test_a_step_that_begins_twice_at_once_is_not_taken_for_one_that_was_undone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, known = Collection.update_one, {"publication_id": "p", "offering_id": "o"}

    def overtaken(self: Any, *of: Any, upsert: bool = False) -> Any:
        if upsert:
            monkeypatch.undo()
            publications.begin(mongo.writing(), **known)
            raise DuplicateKeyError("E11000")
        return real(self, *of)

    monkeypatch.setattr(Collection, "update_one", overtaken)
    publications.begin(mongo.writing(), **known)
    assert publications.prepared(mongo.writing(), ["o"]) == {"o"}
