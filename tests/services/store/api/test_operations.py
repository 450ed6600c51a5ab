"""What an operator is told of the store: all there is, and what is left of it when a store is down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.test import Client, override_settings

from apps.core import clock
from apps.ops import queues
from catalog_services.store import operations
from catalog_services.store.projection import aside, dirty
from catalog_services.store.stores import mongo
from catalog_services.store.stores.availability import ELASTICSEARCH, MONGODB
from tests.services.store.conftest import Store, elasticsearch_down, forget_everything, mongodb_down
from tests.services.store.factories import CharacteristicState, OfferingState, PriceState, event
from tests.services.store.search.test_faults import Silent
from tests.support.waiting import quickest

ROOT = "/api/v1/store/ops"
QUEUES = ("store.events", "store.saga", "store.jobs")
Ask = Callable[..., dict[str, Any]]
PATIENCE_SECONDS = {operations: operations.PATIENCE_SECONDS, queues: queues.PATIENCE_SECONDS}


@pytest.fixture
def ask(store: Store, api: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """``ask("flow")``: what an admin is answered; a part that is busy with other tests is waited for."""
    for asking in PATIENCE_SECONDS:
        monkeypatch.setattr(asking, "PATIENCE_SECONDS", 10.0)

    def answered(path: str, **parameters: Any) -> dict[str, Any]:
        response = api("admin").get(f"{ROOT}/{path}", parameters)
        assert response.status_code == 200, response.content
        return dict(response.json())

    return answered


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def fill(store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """A price in its second version and an offering that shows it."""
    price = PriceState(value="10.00")
    offering = OfferingState(name="Fibre", pricing_ids=[price["id"]])
    store.publish(("Price", price), ("Offering", offering))
    store.publish(("Price", {**price, "value": "11.00"}), version=2)
    return price, offering


@pytest.mark.parametrize("path", ["flow", f"state?id={uuid4()}"])
@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("viewer", 403), ("manager", 403), ("service", 403), ("admin", 200)]
)
def test_nobody_but_an_admin_is_answered(
    store: Store, api: Callable[..., Client], path: str, role: str | None, status: int
) -> None:
    response = api(role).get(f"{ROOT}/{path}")
    assert response.status_code == status
    assert (response["Content-Type"] == "application/problem+json") == (status != 200)
    store.publish(("Offering", OfferingState()))


def test_the_flow_tells_what_waits_on_the_broker_and_in_the_stores(store: Store, ask: Ask) -> None:
    fill(store)
    aside.put(mongo.writing(), store.generation, {"x": "KeyError"})
    dirty.mark(mongo.writing(), store.generation, {"prices": ["p"]})
    with redis.Redis.from_url(settings.CELERY["broker_url"]) as broker:
        broker.delete(*QUEUES)
        broker.rpush("store.events", "a", "b")
        found = ask("flow")
        broker.delete(*QUEUES)
    assert clock.moment(found.pop("at"))
    assert 0 <= found["store"].pop("oldest_dirty_seconds") < 60
    assert found == {
        "service": "store",
        "queues": {"store.events": 2, "store.saga": 0, "store.jobs": 0},
        "store": {
            "generation": store.generation,
            "dirty": 1,
            "aside": 1,
            "mongodb": "up",
            "elasticsearch": "up",
        },
    }


def test_where_nothing_waits_nothing_is_old(store: Store, ask: Ask) -> None:
    fill(store)
    found = ask("flow")["store"]
    assert (found["dirty"], found["aside"], found["oldest_dirty_seconds"]) == (0, 0, None)


def test_before_anything_was_written_both_stores_are_up_and_hold_nothing(store: Store, ask: Ask) -> None:
    found = ask("flow")["store"]
    assert (found["generation"], found["dirty"], found["mongodb"], found["elasticsearch"]) == (
        None,
        None,
        "up",
        "up",
    )
    assert ask("state", id=uuid4())["aggregates"] == []
    fill(store)


def test_counting_stops_somewhere(store: Store, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    monkeypatch.setattr(mongo, "COUNTED", 2)
    for _ in range(3):
        dirty.mark(mongo.writing(), store.generation, {"prices": ["p"]})
    assert ask("flow")["store"]["dirty"] == 2


def test_the_state_of_an_aggregate_is_told_from_both_stores(store: Store, ask: Ask) -> None:
    price, offering = fill(store)
    gone = CharacteristicState()
    store.apply(event("Characteristic", gone), event("Characteristic", gone, version=4, verb="Deleted"))
    rev = store.indexed(offering["id"])["_version"]
    assert rev == 2
    nothing = {"entry_rev": None, "indexed_version": None}
    found = ask("state", id=[offering["id"], str(uuid4()), price["id"].upper(), gone["id"], price["id"]])
    assert found == {
        "service": "store",
        "mongodb": "up",
        "elasticsearch": "up",
        "aggregates": [
            {
                "id": offering["id"],
                "kind": "Offering",
                "version": 1,
                "deleted": False,
                "entry_rev": 2,
                "indexed_version": 2,
            },
            {"id": price["id"], "kind": "Price", "version": 2, "deleted": False, **nothing},
            {"id": gone["id"], "kind": "Characteristic", "version": 4, "deleted": True, **nothing},
        ],
    }


def test_what_elasticsearch_has_not_got_yet_is_seen(store: Store, ask: Ask) -> None:
    price, offering = fill(store)
    with elasticsearch_down():
        store.publish(("Price", {**price, "value": "12.00"}), version=3)
    (found,) = ask("state", id=offering["id"])["aggregates"]
    assert (found["entry_rev"], found["indexed_version"]) == (3, 2)


def test_elasticsearch_down_the_rest_is_told(store: Store, ask: Ask) -> None:
    _, offering = fill(store)
    with elasticsearch_down():
        flow, state = ask("flow"), ask("state", id=offering["id"])
    assert (flow["store"]["elasticsearch"], flow["store"]["mongodb"], flow["store"]["dirty"]) == (
        "down",
        "up",
        0,
    )
    (found,) = state["aggregates"]
    assert (state["elasticsearch"], found["entry_rev"], found["indexed_version"]) == ("down", 2, None)


@pytest.mark.parametrize("process", ["that knew the live generation", "that starts now"])
def test_mongodb_down_the_rest_is_told(store: Store, ask: Ask, process: str) -> None:
    price, offering = fill(store)
    with mongodb_down():
        if process == "that starts now":
            forget_everything()
        flow, state = ask("flow"), ask("state", id=[offering["id"], price["id"]])
    nothing = {"generation": None, "dirty": None, "aside": None, "oldest_dirty_seconds": None}
    assert flow["store"] == {**nothing, "mongodb": "down", "elasticsearch": "up"}
    assert flow["queues"].keys() == set(QUEUES)
    assert (state["mongodb"], state["elasticsearch"]) == ("down", "up")
    unknown = {"kind": None, "version": None, "deleted": None, "entry_rev": None}
    assert state["aggregates"] == [{"id": offering["id"], **unknown, "indexed_version": 2}]


def test_everything_silent_there_is_an_answer_in_time_and_no_reader_hears_of_it(
    store: Store, ask: Ask, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, offering = fill(store)
    for asking, seconds in PATIENCE_SECONDS.items():
        monkeypatch.setattr(asking, "PATIENCE_SECONDS", seconds)
    with override_settings(
        STORE_MONGODB_URL=f"mongodb://{silent.address}/",
        STORE_ELASTICSEARCH_URL=f"http://{silent.address}",
        CELERY={**settings.CELERY, "broker_url": f"redis://{silent.address}/0"},
    ):
        flow, flow_took = quickest(lambda: ask("flow"))
        state, state_took = quickest(lambda: ask("state", id=offering["id"]))
    assert max(flow_took, state_took) < 2
    assert flow["queues"] == dict.fromkeys(QUEUES)
    assert {flow["store"]["mongodb"], flow["store"]["elasticsearch"]} == {"down"}
    assert state["aggregates"] == []
    for memory in (MONGODB, ELASTICSEARCH):
        with memory.attempt():  # would say that it was down a moment ago
            pass


def test_there_is_room_for_so_many_ids_and_no_more(
    store: Store, ask: Ask, api: Callable[..., Client]
) -> None:
    fill(store)
    ids = [str(uuid4()) for _ in range(100)]
    assert ask("state", id=ids)["aggregates"] == []
    for given, name in (([*ids, str(uuid4())], "id"), (["x"], "id"), (["\x00"], "id")):
        response = api("admin").get(f"{ROOT}/state", {"id": given})
        assert (response.status_code, list(response.json()["errors"])) == (400, [name])
    for path in ("flow?x=1", f"state?ids={uuid4()}"):
        response = api("admin").get(f"{ROOT}/{path}")
        assert (response.status_code, len(response.json()["errors"])) == (400, 1)


def test_no_ids_are_no_aggregates(store: Store, ask: Ask) -> None:
    fill(store)
    assert ask("state") == {"service": "store", "aggregates": [], "mongodb": "up", "elasticsearch": "up"}
