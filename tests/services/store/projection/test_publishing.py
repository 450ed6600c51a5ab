"""The store's saga steps: hidden until PUBLISHED, undone whatever the order."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from django.test import override_settings
from elasticsearch import NotFoundError

from apps.core.errors import Conflict, Unavailable
from apps.saga.registry import SagaStep
from catalog_services.store import saga
from catalog_services.store.projection.publishing import prepare_entry
from catalog_services.store.saga import create_store_entry, delete_store_entry
from tests.services.store.conftest import DEAD_MONGODB, Store, elasticsearch_down
from tests.services.store.factories import (
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    publication_failed,
)


def step(topic: str, publication_id: str, offering: dict, **variables: object) -> SagaStep:
    return SagaStep(topic, publication_id, "process", {"offering_id": offering["id"], **variables})  # type: ignore[dict-item]


def create(publication_id: str, offering: dict, **variables: object) -> None:
    create_store_entry(step("create-store-entry", publication_id, offering, **variables))


def delete(publication_id: str, offering: dict) -> None:
    delete_store_entry(step("delete-store-entry", publication_id, offering))


def is_visible(store: Store, offering: dict) -> bool:
    return store.client.get(f"/api/v1/store/offerings/{offering['id']}").status_code == 200


def test_an_entry_stays_hidden_until_the_offering_is_published(store: Store) -> None:
    offering, publication = OfferingState(lifecycle_status="PUBLISHING", published_at=None), str(uuid4())
    store.apply(event("Offering", offering, version=2))
    create(publication, offering)
    assert store.entry(offering["id"])["body"]
    assert not is_visible(store, offering)
    assert store.names() == []
    store.publish(("Offering", {**offering, "lifecycle_status": "PUBLISHED"}), version=3)
    assert is_visible(store, offering)
    assert len(store.names()) == 1


def test_a_hidden_entry_shows_nothing_to_the_search_not_even_its_words(store: Store) -> None:
    offering = OfferingState(name="Secretphone", lifecycle_status="PUBLISHING")
    store.apply(event("Offering", offering, version=2))
    create(str(uuid4()), offering)
    with pytest.raises(NotFoundError):
        store.indexed(offering["id"])
    store.apply(event("Offering", offering, version=3))
    store.refresh()
    assert set(store.indexed(offering["id"])["_source"]) == {"id", "visible", "hash"}
    assert store.get("search", q="secretphon")["suggestions"] == []


def test_a_draft_has_no_entry(store: Store) -> None:
    draft = OfferingState(lifecycle_status="DRAFT")
    store.apply(event("Offering", draft))
    assert store.entry(draft["id"]) is None


def test_a_retired_offering_is_shown_no_more_and_its_rev_goes_on(store: Store) -> None:
    offering = OfferingState()
    store.publish(("Offering", offering))
    rev = store.entry(offering["id"])["rev"]
    store.publish(("Offering", {**offering, "lifecycle_status": "RETIRED"}), version=2)
    assert not is_visible(store, offering)
    assert store.names() == []
    assert store.entry(offering["id"])["rev"] == store.indexed(offering["id"])["_version"] == rev + 1


def test_create_waits_for_the_versions_that_lock_and_validate_saw(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saga, "PATIENCE_SECONDS", 20.0)
    price = PriceState()
    offering = OfferingState(lifecycle_status="PUBLISHING", pricing_ids=[price["id"]])
    store.apply(event("Offering", offering, version=2), event("Price", price, version=1))
    with pytest.raises(Unavailable, match=f"version 2 of price {price['id']}"):
        prepare_entry(
            publication_id=str(uuid4()),
            offering_id=offering["id"],
            seen={"prices": {price["id"]: 2}},
            patience=0.1,
        )
    late = threading.Timer(0.2, lambda: store.apply(event("Price", price, version=2)))
    late.start()
    create(str(uuid4()), offering, price_versions={price["id"]: 2})
    late.join()
    assert store.entry(offering["id"])["body"]


def test_what_was_deleted_since_it_was_checked_is_not_published_without(store: Store) -> None:
    """By force: the version of its deletion is newer than the one that was seen, too."""
    specification = SpecificationState()
    offering = OfferingState(lifecycle_status="PUBLISHING", specification_ids=[specification["id"]])
    store.apply(event("Offering", offering, version=2), event("Specification", specification, version=3))
    store.apply(event("Specification", specification, version=4, verb="Deleted"))
    with pytest.raises(Conflict, match=f"checked: specification {specification['id']}"):
        create(str(uuid4()), offering, specification_versions={specification["id"]: 3})
    assert store.entry(offering["id"]) is None


def test_create_waits_until_it_has_heard_of_the_publishing(store: Store) -> None:
    offering = OfferingState(lifecycle_status="DRAFT")
    store.apply(event("Offering", offering))
    with pytest.raises(Unavailable, match=offering["id"]):
        prepare_entry(publication_id=str(uuid4()), offering_id=offering["id"], seen={}, patience=0.1)


def test_a_second_attempt_is_not_prepared_from_what_the_first_one_published(store: Store) -> None:
    first = OfferingState(lifecycle_status="PUBLISHING", name="As it was")
    store.apply(event("Offering", first, version=2))
    with pytest.raises(Unavailable, match="version 5"):
        create(str(uuid4()), first, offering_version=5)
    store.apply(event("Offering", {**first, "name": "As it is"}, version=5))
    create(str(uuid4()), first, offering_version=5)
    assert b"As it is" in store.entry(first["id"])["body"]


def test_an_undo_takes_the_hidden_entry_back_and_may_be_repeated(store: Store) -> None:
    offering, publication = OfferingState(lifecycle_status="PUBLISHING"), str(uuid4())
    store.apply(event("Offering", offering, version=2))
    create(publication, offering)
    delete(publication, offering)
    delete(publication, offering)
    assert store.entry(offering["id"])["body"] is None


def test_a_late_do_after_its_undo_is_refused(store: Store) -> None:
    offering, publication = OfferingState(lifecycle_status="PUBLISHING"), str(uuid4())
    store.apply(event("Offering", offering, version=2))
    delete(publication, offering)
    with pytest.raises(Conflict, match="undone"):
        create(publication, offering)
    assert store.entry(offering["id"]) is None


def test_a_failed_publication_undoes_what_its_lost_step_did(store: Store) -> None:
    offering, publication = OfferingState(lifecycle_status="PUBLISHING"), str(uuid4())
    store.apply(event("Offering", offering, version=2))
    create(publication, offering)
    store.apply(publication_failed(publication, offering["id"]))
    assert store.entry(offering["id"])["body"] is None
    with pytest.raises(Conflict):
        create(publication, offering)


def test_an_undo_leaves_another_publications_entry_alone(store: Store) -> None:
    offering, first, second = OfferingState(lifecycle_status="PUBLISHING"), str(uuid4()), str(uuid4())
    store.apply(event("Offering", offering, version=2))
    create(first, offering)
    create(second, offering)
    delete(first, offering)
    assert store.entry(offering["id"])["body"]


def test_an_undo_of_a_publication_never_hides_what_is_published(store: Store) -> None:
    offering, publication = OfferingState(), str(uuid4())
    store.apply(event("Offering", offering, version=3))
    delete(publication, offering)
    assert is_visible(store, offering)


def test_the_step_does_without_elasticsearch(store: Store) -> None:
    offering = OfferingState(lifecycle_status="PUBLISHING")
    with elasticsearch_down():
        store.apply(event("Offering", offering, version=2))
        create(str(uuid4()), offering)
    assert store.entry(offering["id"])["body"]


def test_while_mongodb_is_down_both_steps_are_tried_again(store: Store) -> None:
    with override_settings(STORE_MONGODB_URL=DEAD_MONGODB):
        for attempt in (create, delete):
            with pytest.raises(Unavailable):
                attempt(str(uuid4()), OfferingState())
