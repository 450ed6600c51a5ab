"""One process at a time brings what is marked, and leaves nothing that was marked meanwhile."""

from __future__ import annotations

import pytest
import redis

from apps.saga import broker
from catalog_services.store.projection import consume, dirty, drain
from catalog_services.store.projection.drain import bring_marked
from catalog_services.store.projection.turns import turn
from catalog_services.store.stores import mongo
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, event


def place(store: Store) -> str:
    return f"{mongo.writing().name}.{store.generation}"


def test_what_comes_while_another_process_is_at_it_is_kept_and_left_to_it(store: Store) -> None:
    offering = OfferingState()
    with turn(place(store)):
        (receipt,) = consume([event("Offering", offering)])
        assert receipt.outcome == "ack"
        assert store.entry(offering["id"]) is None
    bring_marked(mongo.writing(), store.generation)
    assert store.entry(offering["id"])["visible"]
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_whoever_has_the_turn_looks_once_more_before_it_goes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = OfferingState()
    real = drain.work_off_briefly

    def work_off_slowly(*arguments: object, **named: object) -> int | None:
        settled = real(*arguments, **named)  # type: ignore[arg-type]
        monkeypatch.setattr(drain, "work_off_briefly", real)
        consume([event("Offering", late)])  # it finds the turn taken
        assert store.entry(late["id"]) is None
        return settled

    monkeypatch.setattr(drain, "TURN_SECONDS", 60.0)
    monkeypatch.setattr(drain, "work_off_briefly", work_off_slowly)
    store.apply(event("Offering", OfferingState()))
    assert store.entry(late["id"])["visible"]


def test_without_a_broker_everybody_has_the_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = redis.Redis(port=1, socket_connect_timeout=1)
    monkeypatch.setattr(broker, "client", lambda: dead)
    offering = OfferingState()
    store.apply(event("Offering", offering))
    assert store.entry(offering["id"])["visible"]
