"""A rebuild never touches the live generation before it is whole, and then replaces it at once."""

from __future__ import annotations

import pytest
from pymongo.collection import Collection

from catalog_services.store.projection.publications import begin
from catalog_services.store.rebuild import joining
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.mongo import Document, Mongo
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, PriceState, event
from tests.services.store.rebuild.conftest import WriteSide, catalog, names_now, run, silent


def test_a_rebuild_brings_what_the_events_brought(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    before = names_now(store)
    items = store.get("search")["items"]
    old = store.generation
    report = run(WriteSide(events))
    assert report.generation == store.generation != old
    assert (report.entries, report.visible) == (5, 5)
    assert report.received == {"characteristic": 1, "specification": 1, "pricing": 2, "offering": 5}
    assert names_now(store) == before
    assert store.get("search")["items"] == items


def test_a_rebuild_fills_an_empty_store_and_repairs_a_wrong_one(store: Store) -> None:
    store.apply(event("Offering", OfferingState(name="Phantom")))
    run(WriteSide(catalog(2)))
    assert names_now(store) == ["Plan 0", "Plan 1"]


def test_a_rehearsal_is_checked_and_leaves_everything_as_it_was(store: Store) -> None:
    store.apply(event("Offering", OfferingState(name="Live")))
    before = generations.ensure(mongo.writing())
    report = rebuild(source=WriteSide(catalog(2)), services=WRITE_SERVICES, say=silent, rehearse=True)
    assert (report.entries, report.visible) == (2, 2)
    assert generations.ensure(mongo.writing()) == before
    assert names_now(store) == ["Live"]
    assert report.generation not in mongo.generations_there(mongo.writing())
    assert report.generation not in elastic.generations_there(elastic.writing())


def test_a_rebuild_asks_every_write_service_once(store: Store) -> None:
    source = WriteSide(catalog())
    report = run(source)
    assert source.asked == list(WRITE_SERVICES)
    assert source.closed == [report.generation]


def test_what_goes_through_a_whole_collection_waits_long_for_an_answer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hardly any is not PUBLISHED: MongoDB looks through all before it answers."""
    patience: list[float] = []
    real = joining.collection

    def asked(database: Mongo, *of: str) -> Collection[Document]:
        patience.append(database.client.options.pool_options.socket_timeout)
        return real(database, *of)

    monkeypatch.setattr(joining, "collection", asked)
    run(WriteSide(catalog()))
    assert patience
    assert min(patience) >= 600


def test_an_undone_publication_stays_undone(store: Store) -> None:
    begin(mongo.writing(), publication_id="p", offering_id="o")
    run(WriteSide(catalog()))
    assert mongo.writing()["publications"].count_documents({}) == 1


def test_the_previous_generation_is_kept_and_the_one_before_it_goes(store: Store) -> None:
    first = run(WriteSide(catalog())).generation
    second = run(WriteSide(catalog())).generation
    third = run(WriteSide(catalog())).generation
    pointer = generations.ensure(mongo.writing())
    assert (pointer.live, pointer.previous, pointer.building) == (third, second, None)
    client = elastic.writing()
    assert client.indices.exists(index=elastic.index_name(second))
    assert not client.indices.exists(index=elastic.index_name(first))
    assert not [name for name in mongo.writing().list_collection_names() if first in name]


def test_the_alias_follows_so_that_elasticsearch_alone_knows_what_is_live(store: Store) -> None:
    report = run(WriteSide(catalog()))
    assert list(elastic.writing().indices.get_alias(name=elastic.alias())) == [
        elastic.index_name(report.generation)
    ]


def test_one_bad_snapshot_is_told_and_stops_nothing(store: Store) -> None:
    bad = event("Price", {**PriceState(), "value": "abc"}, verb="Snapshot")
    report = run(WriteSide([*catalog(1), bad]))
    assert [bad.subject in line for line in report.refused] == [True]
    assert names_now(store) == ["Plan 0"]
