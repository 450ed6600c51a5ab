"""From a commit to the message in the subscriber's queue, one at a time on an idle service."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal

import redis

from apps.core.actor import SYSTEM
from catalog_services.pricing.actions.price_update import price_update
from config import env
from tests.benchmarks.measure import Figure, percentile
from tests.benchmarks.outbox import SERVICE
from tests.benchmarks.outbox.tables import price, settle_all

COMMITS, PAUSE_SECONDS = 200, 0.1


def figures() -> list[Figure]:
    """One commit at a time on an idle service: how long until its message is in the queue."""
    settle_all()
    changed = price()
    relay = subprocess.Popen(
        [sys.executable, "manage.py", SERVICE, "relay", "--skip-checks"], cwd=env.BASE_DIR
    )
    waits: list[float] = []
    try:
        with redis.Redis.from_url(env.part_url("redis"), socket_timeout=90) as client:
            client.brpop(["store.events"], timeout=60)
            client.delete("store.events", "offering.events")
            for number in range(2, COMMITS + 2):
                time.sleep(PAUSE_SECONDS)
                client.delete("store.events", "offering.events")
                price_update(actor=SYSTEM, id=changed.pk, fields={"value": Decimal(number)})
                committed = time.perf_counter()
                client.brpop(["store.events"], timeout=10)
                waits.append((time.perf_counter() - committed) * 1000)
    finally:
        relay.terminate()
        relay.wait(30)
    return [
        Figure("commit to enqueued, idle, p50", percentile(waits, 0.5), 5, "ms"),
        Figure("commit to enqueued, idle, p99", percentile(waits, 0.99), 25, "ms"),
    ]
