"""A hundred publications at once: from the first click until all are PUBLISHED and searchable."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from apps.core.ids import uuid7
from apps.saga.client import Engine, engine
from tests.benchmarks.measure import Figure, timed, until
from tests.e2e.conftest import Api, sign_in
from tests.support.saga import Saga

PUBLICATIONS, CLIENTS, STEPS = 100, 8, 7


def figures() -> list[Figure]:
    """Publications per second, and of the engine alone."""
    raw = PUBLICATIONS / _engine_alone()
    with sign_in("manager") as api:
        api.timeout = 60
        _burst(api, PUBLICATIONS // 5)  # warm
        rate = PUBLICATIONS / _burst(api, PUBLICATIONS)
    name = f"{PUBLICATIONS} publications at once, PUBLISHED and searchable"
    return [Figure(name, rate, 10, "per s", raw=raw, at_least=True)]


def _burst(api: Api, count: int) -> float:
    """Seconds from the first click; every offering has a specification and a price of its own."""
    word = f"b{uuid7().hex[-12:]}"
    with ThreadPoolExecutor(CLIENTS) as pool:
        drafts = list(pool.map(lambda number: _draft(api, word, number), range(count)))
        until(lambda: _searchable(api, word) == 0 and _in_state(api, word, "DRAFT") == count)
        time.sleep(3)  # the drafts' own events pass

        def click(id_: str) -> None:
            response = api.post(f"/api/v1/offerings/{id_}/publish")
            assert response.status_code == 202, response.text

        def all_through() -> None:
            list(pool.map(click, drafts))
            until(lambda: _in_state(api, word, "PUBLISHED") == count, seconds=300, pause=0.25)
            until(lambda: _searchable(api, word) == count, seconds=60, pause=0.05)

        return timed(all_through)


def _draft(api: Api, word: str, number: int) -> str:
    name = f"{word} {number}"
    speed = api.made("characteristics", name=name, value=str(100 + number), unit_of_measure="Mbps")
    line = api.made("specifications", name=name, characteristic_ids=[speed["id"]])
    fee = api.made("prices", name=name, value="10.00", currency="EUR", price_type="one_time")
    fields = {"specification_ids": [line["id"]], "pricing_ids": [fee["id"]], "sales_channels": ["web"]}
    return str(api.made("offerings", name=name, **fields)["id"])


def _in_state(api: Api, word: str, status: str) -> int:
    found = api.get("/api/v1/offerings", params={"search": word, "lifecycle_status": status, "limit": 1})
    return int(found.headers["X-Total-Count"])


def _searchable(api: Api, word: str) -> int:
    return int(api.get("/api/v1/store/search", params={"q": word, "limit": 1}).json()["total"])


def _engine_alone() -> float:
    """Seconds for the same number of processes through the diagram, with steps that do nothing, in no worker."""
    with tempfile.TemporaryDirectory() as folder:
        saga = Saga(Engine(), Path(folder))
        try:
            _through(saga, PUBLICATIONS // 5)  # warm
            return timed(lambda: _through(saga, PUBLICATIONS))
        finally:
            saga.close()


def _through(saga: Saga, count: int) -> None:
    variables = {"timeout": "PT1H", "offering_id": str(uuid7())}
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: engine().start(saga.key, str(uuid7()), variables), range(count)))
        left = count * STEPS
        while left:
            tasks = saga.engine.fetch_and_lock(
                saga.topics, f"{saga.run}#{left}", max_tasks=20, lock_seconds=60, wait_seconds=1
            )
            list(pool.map(lambda task: engine().complete(task, {}), tasks))
            left -= len(tasks)
