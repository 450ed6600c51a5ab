"""A rebuild over the real broker: snapshots that come, that do not come, and a command that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from celery import Celery
from django.conf import settings

from apps.core.errors import Timeout, Unavailable
from apps.outbox.envelope import CloudEvent
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.rebuild.snapshots import CelerySnapshots, queue_name
from catalog_services.store.stores import elastic, generations, mongo
from config.env import BASE_DIR
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store
from tests.services.store.rebuild.conftest import WriteSide, catalog, names_now, nothing_is_built, run, silent


@pytest.fixture
def broker() -> Iterator[Celery]:
    """A Celery application on a database of the broker that no worker listens to."""
    app = Celery("test", broker=settings.CELERY["broker_url"].rsplit("/", 1)[0] + "/41", set_as_current=False)
    app.conf.update(broker_transport_options={"socket_timeout": 5})
    yield app
    app.close()


def answer(app: Celery, rebuild_id: str, events: list[CloudEvent]) -> None:
    """Stream as ``apps.outbox.snapshots.stream`` does."""
    with app.connection_for_write() as connection, connection.SimpleQueue(queue_name(rebuild_id)) as queue:
        for source in WRITE_SERVICES:
            own = [event.to_wire() for event in events if event.source == source]
            queue.put(
                {"rebuild_id": rebuild_id, "source": source, "start": 0, "events": own}, serializer="json"
            )
            queue.put(
                {"rebuild_id": rebuild_id, "source": source, "end": True, "count": len(own)},
                serializer="json",
            )


def test_snapshots_come_over_the_real_broker(store: Store, broker: Celery) -> None:
    events = catalog()
    source = CelerySnapshots(broker, patience=20)

    def write_side() -> None:
        while (building := generations.ensure(mongo.writing()).building) is None:
            time.sleep(0.05)
        answer(broker, building, events)

    services = threading.Thread(target=write_side)
    services.start()
    try:
        report = rebuild(source=source, services=WRITE_SERVICES, say=silent)
    finally:
        services.join()
        _empty(broker)
    assert report.entries == 5
    assert names_now(store) == [f"Plan {n}" for n in range(5)]


def test_a_silent_write_side_is_told_and_leaves_the_store_as_it_is(store: Store, broker: Celery) -> None:
    store.apply(*catalog(1))
    live = store.generation
    try:
        with pytest.raises(Timeout, match="workers"):
            rebuild(source=CelerySnapshots(broker, patience=0.5), services=WRITE_SERVICES, say=silent)
    finally:
        _empty(broker)
    assert store.generation == live
    nothing_is_built()


@pytest.fixture
def nowhere() -> Iterator[Celery]:
    """A Celery application whose broker is away."""
    app = Celery("test", set_as_current=False)
    app.conf.update(settings.CELERY, broker_url="redis://127.0.0.1:1/0", broker_connection_timeout=0.2)
    yield app
    app.close()


def test_a_rebuild_without_the_broker_says_so_and_leaves_the_store_as_it_is(
    store: Store, nowhere: Celery
) -> None:
    store.apply(*catalog(1))
    live = store.generation
    with pytest.raises(Unavailable, match=r"Redis does not answer: .*refused"):
        rebuild(source=CelerySnapshots(nowhere), services=WRITE_SERVICES, say=silent)
    assert store.generation == live
    nothing_is_built()


@pytest.mark.parametrize(
    "use", [lambda source: next(source.batches("r")), lambda source: source.close("r")], ids=["read", "close"]
)
def test_a_broker_that_went_away_since_it_was_asked_is_told(
    nowhere: Celery, use: Callable[[CelerySnapshots], object]
) -> None:
    with pytest.raises(Unavailable, match="Redis does not answer"):
        use(CelerySnapshots(nowhere))


def _empty(app: Celery) -> None:
    with app.connection_for_write() as connection:
        for service in WRITE_SERVICES:
            connection.default_channel.queue_delete(f"{service}.events")


def halfway(building: str, moment: str) -> bool:
    """Has a rebuild come as far as this?"""
    entries = mongo.collection(mongo.writing(), "entries", building)
    offerings = mongo.collection(mongo.writing(), "offerings", building)
    return {"asked": True, "loading": bool(offerings.find_one()), "composing": bool(entries.find_one())}[
        moment
    ]


@pytest.mark.parametrize("moment", ["asked", "loading", "composing"])
def test_a_killed_command_leaves_the_store_as_it_is_and_a_second_run_finishes(
    store: Store, broker: Celery, moment: str
) -> None:
    events = catalog(100)
    store.apply(*events)
    live, shown = store.generation, names_now(store)
    environment = {
        **os.environ,
        "STORE_MONGODB_DATABASE": settings.STORE_MONGODB_DATABASE,
        "STORE_INDEX_PREFIX": settings.STORE_INDEX_PREFIX,
        "REDIS_URL": settings.CELERY["broker_url"].rsplit("/", 1)[0] + "/41",
    }
    command = subprocess.Popen(
        [sys.executable, "manage.py", "store", "rebuild"],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 120
        while (building := generations.ensure(mongo.writing()).building) is None:
            assert command.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        if moment != "asked":
            # Quick as it is, it has to be at it still when the kill comes: it waits for an index that takes no writes.
            index = elastic.index_name(building)
            elastic.writing().indices.put_settings(index=index, settings={"index.blocks.write": True})
            answer(broker, building, events)
        while not halfway(building, moment):
            assert time.monotonic() < until
    finally:
        command.send_signal(signal.SIGKILL)
        command.wait()
    assert (store.generation, names_now(store)) == (live, shown)
    assert run(WriteSide(events)).entries == 100
    assert names_now(store) == shown
    _empty(broker)
