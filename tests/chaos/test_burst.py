"""A hundred times the usual load at once: it waits in the outbox, the broker and the workers stay as they are."""

from __future__ import annotations

import time

import psycopg
import pytest
import redis
from django.conf import settings

from config import env
from tests.chaos import cluster
from tests.e2e.conftest import Api

EVENTS = 12_000
# Copies of events that were applied long ago: whoever gets one again knows its version.
BURST = """
WITH old AS (
    SELECT id, type, subject, envelope, row_number() OVER (ORDER BY id) AS number FROM outbox_outboxevent),
copy AS (
    INSERT INTO outbox_outboxevent (event_id, type, subject, correlation_id, envelope, created_at)
    SELECT new.id, type, subject, 'burst', envelope || jsonb_build_object('id', new.id), now()
      FROM generate_series(1, %(events)s) n
      JOIN old ON old.number = 1 + n %% (SELECT count(*) FROM old)
     CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id, n) new
    RETURNING id, subject)
INSERT INTO outbox_delivery (event_id, subscriber, subject, state, attempts, resends, due_at, reason)
SELECT id, 'store', subject, 'pending', 0, 0, now(), '' FROM copy
"""


@pytest.mark.timeout(900)
def test_a_burst_is_taken_in_with_bounded_memory_and_leaves_the_store_as_it_was(manager: Api, unique: str):
    for number in range(3):
        manager.made("prices", name=f"{unique} {number}", value="1.00", currency="EUR", price_type="one_time")
    cluster.settle(seconds=120)
    workers = ("store-worker", "pricing-relay")
    before = cluster.memory()
    with psycopg.connect(env.database_url("pricing"), autocommit=True) as connection:
        connection.execute(BURST, {"events": EVENTS})
    longest, left = _watched()
    assert not left
    assert 0 < longest <= settings.OUTBOX_QUEUE_LIMIT + 1
    after = cluster.memory()
    for name in workers:
        assert after[name] - before[name] < 60_000_000, f"{name}: {before[name]:,} to {after[name]:,} bytes"


def _watched(seconds: float = 600.0) -> tuple[int, dict[str, int]]:
    """The longest that the store's queue was until all was delivered, and what was not after ``seconds``."""
    longest, deadline = 0, time.monotonic() + seconds
    with redis.Redis.from_url(env.part_url("redis")) as broker:
        while left := cluster.backlog():
            longest = max(longest, int(broker.llen("store.events")))  # type: ignore[arg-type]
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
    return longest, left
