"""What the store's reads cost beside their engines: the same question straight to Elasticsearch, one raw ``find_one``.

``reads`` has a catalog of 1,000 offerings, ``reads_large`` one of 50,000, which takes some minutes to make. Not more:
the MongoDB stand-in stops answering for tens of seconds soon after its oplog's cap of 100,000 writes.
Needs MongoDB and Elasticsearch only; what it makes there has names of its own and is removed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from apps.runtime import services
from config import env
from config.services import SERVICES
from tests.benchmarks.load import get, load, post, serving
from tests.benchmarks.measure import Figure, percentile, ratio
from tests.support.ports import free_port

ROUNDS, ALONE, TOGETHER, CLIENTS = 7, 50, 250, 8
API = "/api/v1/store"
STORE = SERVICES["store"]


@dataclass(frozen=True, slots=True)
class Target:
    """A server and what it is asked."""

    port: int
    requests: list[bytes]


def figures() -> list[Figure]:
    """Search and detail beside their baselines, in a catalog of 1,000 offerings."""
    return _figures(1_000)


def large() -> list[Figure]:
    """The same in a catalog of 50,000."""
    return _figures(50_000)


def _figures(offerings: int) -> list[Figure]:
    with scratch_catalog(offerings) as (environment, catalog), _targets(environment, catalog) as targets:
        rates: dict[str, list[float]] = {name: [] for name in targets}
        waits: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(ROUNDS):  # taking turns, so that what else the machine does hits all alike
            for name, target in targets.items():
                alone = load(target.port, target.requests, clients=1, count=ALONE)[1]
                waits[name].append(percentile(alone, 0.5) * 1000)
                rates[name].append(load(target.port, target.requests, clients=CLIENTS, count=TOGETHER)[0])
    rate = {name: median(values) for name, values in rates.items()}
    wait = {name: median(values) for name, values in waits.items()}
    print(f"  {offerings:,} offerings, answers/s:", {name: round(value) for name, value in rate.items()})
    print(
        f"  {offerings:,} offerings, p50 alone, ms:", {name: round(value, 2) for name, value in wait.items()}
    )
    size = f"{offerings // 1000}k"
    return [
        ratio(
            f"store search, {size}: answers/s of Elasticsearch's own",
            rate["search"],
            rate["elasticsearch"],
            0.75,
        ),
        Figure(
            f"store search, {size}: p50 added to Elasticsearch's own",
            wait["search"] - wait["elasticsearch"],
            3.0,
            "ms",
        ),
        ratio(f"store detail, {size}: answers/s of a bare view's", rate["detail"], rate["find_one"], 0.95),
    ]


@contextmanager
def scratch_catalog(offerings: int) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """A scratch store with so many offerings: the environment that names it, and what to ask there."""
    environment = {
        "STORE_MONGODB_DATABASE": f"bench_reads_{offerings}",
        "STORE_INDEX_PREFIX": f"bench-reads-{offerings}",
        "LOG_LEVEL": "INFO",
    }

    def run(argument: str) -> str:
        command = [sys.executable, "-m", "tests.benchmarks.store_catalog", argument]
        setting = {**os.environ, **environment, "LOG_LEVEL": "WARNING"}
        return subprocess.run(
            command, cwd=env.BASE_DIR, env=setting, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    try:
        yield environment, json.loads(run(str(offerings)))
    finally:
        run("erase")


def store_variables(environment: dict[str, str]) -> dict[str, str]:
    """What a web process of that store is started with."""
    return {**services.environment(STORE), **environment, "MONGODB_URL": env.part_url("mongodb")}


def asked(catalog: dict[str, Any]) -> dict[str, list[bytes]]:
    """What a store with that scratch catalog is asked, by kind."""
    return {
        "detail": [get(f"{API}/offerings/{id}") for id in catalog["ids"]],
        "search": [get(f"{API}/search?{query}") for query, _ in catalog["searches"]],
        "list": [get(f"{API}/offerings?limit=20&channel={c}") for c in ("web", "shop")],
    }


@contextmanager
def _targets(environment: dict[str, str], catalog: dict[str, Any]) -> Iterator[dict[str, Target]]:
    """The store's web process as the runtime starts it, and what its reads are measured against."""
    variables = store_variables(environment)
    own = services.gunicorn(STORE, port := free_port())
    raw = services.gunicorn(STORE, bare_port := free_port())
    bare = (raw[0], "tests.benchmarks.bare_view:application", *raw[2:])
    raw_details = [get(f"/offerings/{id}") for id in catalog["ids"]]
    straight = [
        post(f"/{catalog['index']}/_search", json.dumps(body).encode()) for _, body in catalog["searches"]
    ]
    with (
        serving(own, port, get("/health/ready"), **variables),
        serving(bare, bare_port, raw_details[0], BENCH_COLLECTION=catalog["collection"], **variables),
    ):
        yield {
            "find_one": Target(bare_port, raw_details),
            "elasticsearch": Target(env.part_port("elasticsearch"), straight),
            **{name: Target(port, requests) for name, requests in asked(catalog).items()},
        }
