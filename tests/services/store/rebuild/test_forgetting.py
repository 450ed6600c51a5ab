"""The write side went back in time: the store must not hold on to what is not any more."""

from __future__ import annotations

import pytest

from apps.core.errors import Conflict
from catalog_services.store.maintenance import Maintenance
from catalog_services.store.projection import publications
from catalog_services.store.projection.publishing import prepare_entry
from catalog_services.store.rebuild.forgetting import forget
from catalog_services.store.stores import elastic, generations, mongo
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, event
from tests.services.store.rebuild.conftest import WriteSide


def forgotten() -> None:
    forget(mongo.writing())
    generations.forget()


def test_a_store_that_forgot_is_made_anew_by_its_worker_from_what_is_older(store: Store) -> None:
    kept, later = OfferingState(name="Of later"), OfferingState(name="Made later")
    store.apply(event("Offering", kept, version=9), event("Offering", later))
    of_later = store.generation
    as_it_was = event("Offering", {**kept, "name": "As it was"}, version=4, verb="Snapshot")
    forgotten()
    Maintenance(WriteSide([as_it_was])).round()
    generations.forget()
    store.refresh()
    assert store.names("search") == ["As it was"]
    assert of_later not in elastic.generations_there(elastic.writing())


def test_a_store_that_never_was_is_made_by_its_worker(store: Store) -> None:
    forgotten()
    Maintenance(WriteSide([event("Offering", OfferingState(name="Restored"), verb="Snapshot")])).round()
    generations.forget()
    store.refresh()
    assert store.names("search") == ["Restored"]


def test_a_publication_that_was_undone_later_is_not_undone_before(store: Store) -> None:
    offering = OfferingState(lifecycle_status="PUBLISHING")
    one = {"publication_id": "p", "offering_id": offering["id"]}
    store.apply(event("Offering", offering))
    publications.undo(mongo.writing(), **one)
    with pytest.raises(Conflict):
        prepare_entry(**one, seen={})
    forgotten()
    store.apply(event("Offering", offering))
    assert prepare_entry(**one, seen={}) == 1
