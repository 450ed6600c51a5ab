"""A store whose disk is full takes no writes: nothing is lost, it is told, and all catches up when there is space."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymongo.errors import PyMongoError

from apps.core.errors import Unavailable
from catalog_services.store.projection import aside, consume, dirty
from catalog_services.store.projection.drain import drain
from catalog_services.store.stores import elastic, health, mongo
from tests.services.store.conftest import Store, new_store
from tests.services.store.factories import OfferingState, event
from tests.services.store.own_mongodb import own_mongodb


def block_index(store: Store, *, full: bool) -> None:
    """What Elasticsearch does by itself when the disk of an index passes the flood stage."""
    blocks = {"index.blocks.read_only_allow_delete": True if full else None}
    elastic.writing().indices.put_settings(index=elastic.index_name(store.generation), settings=blocks)


def test_while_elasticsearchs_disk_is_full_changes_stay_marked(store: Store) -> None:
    offering = OfferingState(name="Before")
    store.publish(("Offering", offering))
    block_index(store, full=True)
    store.apply(event("Offering", {**offering, "name": "After"}, version=2))
    drain(mongo.writing(), store.generation)
    assert store.get(f"offerings/{offering['id']}")["name"] == "After"
    assert store.names() == ["Before"]
    assert dirty.count(mongo.writing(), store.generation) == 1
    assert aside.count(mongo.writing(), store.generation) == 0
    with pytest.raises(Unavailable, match="read_only_allow_delete"):
        health.elasticsearch_writes()
    block_index(store, full=False)
    health.elasticsearch_writes()
    drain(mongo.writing(), store.generation)
    store.refresh()
    assert store.names() == ["After"]
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_while_mongodbs_disk_is_full_events_wait(tmp_path: Path) -> None:
    offering = OfferingState(name="Before")
    change = event("Offering", {**offering, "name": "After", "description": "x" * 50_000}, version=2)
    with own_mongodb(tmp_path) as server, new_store() as store:
        store.apply(event("Offering", offering))
        health.mongodb_writes()
        server.fill_the_disk()
        assert [receipt.outcome for receipt in consume([change])] == ["wait"]
        assert [receipt.outcome for receipt in consume([change])] == ["wait"]
        with pytest.raises(PyMongoError):
            health.mongodb_writes()
        server.stop()
        server.start()  # on a disk with space
        assert [receipt.outcome for receipt in consume([change])] == ["ack"]
        health.mongodb_writes()
        store.refresh()
        assert store.names("offerings") == store.names() == ["After"]
