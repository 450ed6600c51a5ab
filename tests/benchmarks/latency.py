"""How long a change takes to be seen: publish to PUBLISHED and searchable, write to visible in the store."""

from __future__ import annotations

import json
import threading
import time
from itertools import count
from typing import Any

import psycopg
import redis
from elasticsearch import Elasticsearch
from pymongo import MongoClient, WriteConcern

from apps.core.ids import uuid7
from config import env
from tests.benchmarks.child import printed
from tests.benchmarks.measure import Figure, percentile, timed, until
from tests.e2e.conftest import Api, sign_in

PUBLICATIONS, WRITES, BASELINES = 40, 150, 100
CHANGED, RATE, LOAD_SECONDS = 25, 50, 10
REFRESH_SECONDS = 0.1


def figures() -> list[Figure]:
    """Publication and write latency on an idle suite, one change at a time."""
    with sign_in("manager") as api:
        api.timeout = 60
        floor = _floor()
        published = [_publish(api) for _ in range(PUBLICATIONS)]
    with sign_in("manager") as api:
        visible = _writes(api)
    with sign_in("manager") as api:
        searchable = _searchable(api)
    p50, p99 = percentile(published, 0.5), percentile(published, 0.99)
    return [
        Figure("publish to PUBLISHED and searchable, p50", p50, 1.0, "s", raw=percentile(floor, 0.5)),
        Figure("publish to PUBLISHED and searchable, p99", p99, 3.0, "s", raw=percentile(floor, 0.99)),
        Figure(
            "write to visible in the store, idle, p99",
            percentile(visible, 0.99),
            0.25,
            "s",
            raw=percentile(floor, 0.99),
        ),
        Figure(
            f"commit to searchable at {RATE} events/s, p99 (goal: refresh + 0.5 s)",
            percentile(searchable, 0.99),
            REFRESH_SECONDS + 0.5,
            "s",
            raw=percentile(floor, 0.99),
        ),
    ]


def _draft(api: Api) -> tuple[str, str, str]:
    """A complete draft with a word to search for; gives (offering id, price id, word)."""
    word = f"b{uuid7().hex[-12:]}"
    draft = api.complete_draft(word)
    return draft["id"], draft["pricing_ids"][0], word


def _publish(api: Api) -> float:
    offering_id, _, word = _draft(api)
    time.sleep(0.3)  # let the drafts' own events pass
    started = time.perf_counter()
    assert api.post(f"/api/v1/offerings/{offering_id}/publish").status_code == 202
    url = f"/api/v1/offerings/{offering_id}"
    until(lambda: api.get(url).json()["lifecycle_status"] == "PUBLISHED")
    until(lambda: api.get("/api/v1/store/search", params={"q": word}).json()["total"])
    return time.perf_counter() - started


def _writes(api: Api) -> list[float]:
    """A price of a published offering changes; how long until the store's detail shows it."""
    offering_id, price_id, word = _draft(api)
    api.post(f"/api/v1/offerings/{offering_id}/publish")
    until(lambda: api.get("/api/v1/store/search", params={"q": word}).json()["total"])
    until(lambda: not api.get(f"/api/v1/prices/{price_id}").json()["locked"])
    amounts = count(1)

    def change() -> None:
        value = f"{10 + next(amounts)}.00"
        assert api.patch(f"/api/v1/prices/{price_id}", json={"value": value}).status_code == 200
        until(lambda: _shown(api, offering_id) == value)

    return [timed(change) for _ in range(WRITES)]


def _searchable(api: Api) -> list[float]:
    """Prices of 25 published offerings change at a steady rate; how long after each commit a search has the new value.

    The changes are committed by pricing's own action, so that the events' way is what is measured and not the way
    there. Elasticsearch is asked itself, for all offerings at once.
    """
    made = [_draft(api) for _ in range(CHANGED)]
    for offering_id, _, _ in made:
        assert api.post(f"/api/v1/offerings/{offering_id}/publish").status_code == 202
    for _, price_id, word in made:
        until(lambda word=word: api.get("/api/v1/store/search", params={"q": word}).json()["total"])
        until(lambda price_id=price_id: not api.get(f"/api/v1/prices/{price_id}").json()["locked"])
    offering_of = {price_id: offering_id for offering_id, price_id, _ in made}
    seen: dict[tuple[str, float], float] = {}
    stopping = threading.Event()
    watcher = threading.Thread(target=_watch, args=(list(offering_of.values()), seen, stopping))
    watcher.start()
    try:
        told = [(offering_of[id_], value, at) for id_, value, at in _changes(list(offering_of))]
        last = {offering_id: value for offering_id, value, _ in told}
        until(lambda: last.items() <= seen.keys())
    finally:
        stopping.set()
        watcher.join()
    # A value that the next one overtook before the index was refreshed is seen with the next one.
    return [
        max(
            0.0,
            min(when for (id_, shown), when in seen.items() if id_ == offering_id and shown >= value) - at,
        )
        for offering_id, value, at in told
    ]


def _changes(price_ids: list[str]) -> list[tuple[str, float, float]]:
    (line,) = printed("price_changes", "pricing", str(RATE), str(LOAD_SECONDS), *price_ids)
    return [(id_, value, at) for id_, value, at in json.loads(line)]


def _watch(ids: list[str], seen: dict[tuple[str, float], float], stopping: threading.Event) -> None:
    with Elasticsearch(env.part_url("elasticsearch")) as search:
        query = {"terms": {"id": ids}}
        while not stopping.wait(0.05):
            hits = search.search(
                index="catalog-store", query=query, size=len(ids), source=["id", "prices.value"]
            )
            now = time.perf_counter()
            for hit in hits["hits"]["hits"]:
                for price in hit["_source"].get("prices", ()):
                    seen.setdefault((hit["_source"]["id"], float(price["value"])), now)


def _shown(api: Api, offering_id: str) -> str:
    pricing: list[dict[str, Any]] = api.get(f"/api/v1/store/offerings/{offering_id}").json()["pricing"]
    return str(pricing[0]["value"])


def _floor() -> list[float]:
    """The raw cost of the path without the suite: one durable row, one message, one document, one indexed entry."""
    with (
        psycopg.connect(env.database_url("offering"), autocommit=True) as database,
        redis.Redis.from_url(env.part_url("redis")) as broker,
        MongoClient(env.part_url("mongodb")) as mongo,
        Elasticsearch(env.part_url("elasticsearch")) as search,
    ):
        database.execute("CREATE TEMPORARY TABLE bench (id text)")
        documents = mongo.get_database("bench").get_collection(
            "bench", write_concern=WriteConcern(w="majority", j=True)
        )
        index = f"bench-{uuid7()}"
        search.indices.create(index=index)

        def once() -> None:
            id_ = str(uuid7())
            database.execute("INSERT INTO bench VALUES (%s)", [id_])
            broker.lpush("bench", id_)
            broker.brpop(["bench"])
            documents.insert_one({"_id": id_})
            search.index(index=index, id=id_, document={"id": id_}, refresh=True)

        once()
        seconds = [timed(once) for _ in range(BASELINES)]
        search.indices.delete(index=index)
        mongo.drop_database("bench")
    return seconds
