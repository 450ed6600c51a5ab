"""How fast the relay drains, beside the least a relay could do and beside a task for each event."""

from __future__ import annotations

import json
from itertools import batched
from statistics import median

import psycopg
import redis
from django.conf import settings

from apps.outbox.relay.broker import Broker
from apps.outbox.relay.claim import relay_once
from config import env
from config.celery import make_celery
from tests.benchmarks.measure import Figure, ratio
from tests.benchmarks.outbox import SERVICE
from tests.benchmarks.outbox.tables import drained, fill

RELAYED, ONE_BY_ONE, ROUNDS = 10_000, 1_000, 5
SMALL, LARGE = 10_000, 500_000


def figures() -> list[Figure]:
    """Deliveries a second of the relay, of a raw loop that does the same SELECT, LPUSH and UPDATE, and of a relay that
    sends a Celery task for each; with 10k and 500k settled rows in the tables."""
    found: list[Figure] = []
    by_size: dict[int, float] = {}
    broker = _broker()
    for settled in (SMALL, LARGE):
        fill(settled)
        own, raw = [], []
        for _ in range(ROUNDS):
            own.append(drained(RELAYED, lambda: relay_once(broker.send).seen))
            raw.append(drained(RELAYED, _raw_claim))
        if settled == SMALL:
            single = [drained(ONE_BY_ONE, lambda: _claim_one_by_one(broker)) for _ in range(ROUNDS)]
            found += [
                ratio("relay: deliveries/s of a raw drain loop's", median(own), median(raw), 0.5),
                ratio("relay: deliveries/s of those with a task each", median(own), median(single), 20),
            ]
        by_size[settled] = median(own)
    found.append(
        ratio(
            "relay with 500k settled rows: deliveries/s of those with 10k",
            by_size[LARGE],
            by_size[SMALL],
            0.9,
        )
    )
    return found


def _broker() -> Broker:
    return Broker(make_celery(SERVICE), redis.Redis.from_url(env.part_url("redis")))


_raw: tuple[psycopg.Connection, redis.Redis] | None = None
_RAW_CLAIM = """
SELECT d.id, e.envelope::text FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
 WHERE d.subscriber = 'store' AND d.state = 'pending' ORDER BY d.id LIMIT 500 FOR UPDATE OF d SKIP LOCKED
"""


def _raw_claim() -> int:
    """The least a relay can do: claim 500, push them as messages of 50, mark them."""
    global _raw
    if _raw is None:
        _raw = psycopg.connect(env.database_url(SERVICE)), redis.Redis.from_url(env.part_url("redis"))
    connection, client = _raw
    with connection.transaction():
        rows = connection.execute(_RAW_CLAIM).fetchall()
        if rows:
            for batch in batched(rows, 50):
                client.lpush("raw", json.dumps([text for _, text in batch]))
            connection.execute(
                "UPDATE outbox_delivery SET state = 'sent', sent_at = now() WHERE id = ANY(%s)",
                [[row[0] for row in rows]],
            )
    return len(rows)


def _claim_one_by_one(broker: Broker) -> int:
    """The relay with messages of one event each."""

    kept, settings.OUTBOX_BATCH = settings.OUTBOX_BATCH, 1
    try:
        return relay_once(broker.send).seen
    finally:
        settings.OUTBOX_BATCH = kept
