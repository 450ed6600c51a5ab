"""What the wake-up takes from the commit rate."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from statistics import median

from django.db import connections

from apps.core.actor import SYSTEM
from apps.outbox import record, wakeup
from catalog_services.pricing.actions.price_update import price_update
from config import env
from tests.benchmarks.measure import Figure, ratio
from tests.benchmarks.outbox import SERVICE
from tests.benchmarks.outbox.tables import price

CLIENTS, SECONDS, ROUNDS = 8, 1.5, 7


def figures() -> list[Figure]:
    """8 clients change prices for a while, in turns with and without the wake-up; somebody LISTENs all the time."""
    prices = [price() for _ in range(CLIENTS)]
    amounts = count(2)

    def change(number: int) -> None:
        price_update(actor=SYSTEM, id=prices[number].pk, fields={"value": Decimal(next(amounts))})

    ways: dict[str, Callable[[], None]] = {"with": wakeup.wake_relay, "without": lambda: None}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    with _listener():
        for _ in range(ROUNDS):
            for name, way in ways.items():
                record.wakeup.wake_relay = way
                rates[name].append(_rate(change))
    record.wakeup.wake_relay = ways["with"]
    own, raw = median(rates["with"]), median(rates["without"])
    return [ratio("commits/s of 8 clients with the wake-up, of those without", own, raw, 0.95)]


def _rate(change: Callable[[int], None]) -> float:
    """How often a second ``change(client)`` is done by 8 threads."""
    done = [0] * CLIENTS
    until = time.perf_counter() + SECONDS

    def client(number: int) -> None:
        while time.perf_counter() < until:
            change(number)
            done[number] += 1
        connections.close_all()

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


@contextmanager
def _listener() -> Iterator[None]:
    """A process that LISTENs and does nothing else: the relay's part of the wake-up."""
    code = (
        "import psycopg, sys; c = psycopg.connect(sys.argv[1], autocommit=True);"
        "c.execute('LISTEN outbox'); [None for _ in c.notifies()]"
    )
    process = subprocess.Popen([sys.executable, "-c", code, env.database_url(SERVICE)])
    time.sleep(0.5)
    try:
        yield
    finally:
        process.kill()
        process.wait()
