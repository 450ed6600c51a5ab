"""The scratch database's rows: something to change, settled events, and new ones to drain."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

import psycopg
import redis

from apps.core.actor import SYSTEM
from apps.core.ids import uuid7
from catalog_services.pricing.actions.price_create import price_create
from catalog_services.pricing.models import Price
from config import env
from tests.benchmarks.outbox import SERVICE


def price() -> Price:
    """A new price."""
    fields = {"name": f"Bench {uuid7()}", "value": Decimal(1), "currency": "EUR", "price_type": "one_time"}
    return price_create(actor=SYSTEM, fields=fields)


def fill(settled: int) -> None:
    """Settled events up to this number, as they stay for a month."""
    with psycopg.connect(env.database_url(SERVICE), autocommit=True) as connection:
        have = connection.execute("SELECT count(*) FROM outbox_delivery WHERE state = 'done'").fetchone()[0]  # type: ignore[index]
        _insert(connection, max(0, settled - have), state="done")
        connection.execute("VACUUM ANALYZE outbox_delivery")
        connection.execute("VACUUM ANALYZE outbox_outboxevent")
        connection.execute("CHECKPOINT")  # what filling left to be written is not the relay's cost


def settle_all() -> None:
    """Nothing is on its way any more."""
    with (
        psycopg.connect(env.database_url(SERVICE), autocommit=True) as connection,
        redis.Redis.from_url(env.part_url("redis")) as client,
    ):
        client.flushdb()
        connection.execute("UPDATE outbox_delivery SET state = 'done' WHERE state <> 'done'")


def _insert(connection: psycopg.Connection, number: int, *, state: str) -> None:
    """Events as the actions write them (copies of the newest), a delivery each."""
    connection.execute(
        """
        WITH template AS (SELECT type, envelope FROM outbox_outboxevent ORDER BY id DESC LIMIT 1),
        event AS (
            INSERT INTO outbox_outboxevent (event_id, type, subject, correlation_id, envelope, created_at)
            SELECT id, type, subject, 'bench',
                   envelope || jsonb_build_object('id', id, 'subject', subject), now()
              FROM template, LATERAL (
                   SELECT gen_random_uuid()::text AS subject, gen_random_uuid() AS id
                     FROM generate_series(1, %s)) made
            RETURNING id, subject)
        INSERT INTO outbox_delivery
               (event_id, subscriber, subject, state, attempts, resends, due_at, settled_at, reason)
        SELECT id, 'store', subject, %s, 0, 0, now(), now(), '' FROM event
        """,
        [number, state],
    )


def drained(number: int, claim: Callable[[], int]) -> float:
    """Deliveries a second of claims until nothing is left of ``number`` new ones."""
    settle_all()
    with psycopg.connect(env.database_url(SERVICE), autocommit=True) as connection:
        _insert(connection, number, state="pending")
        connection.execute(
            "VACUUM ANALYZE outbox_delivery"
        )  # or it comes by itself in the midst of some turn
        connection.execute("VACUUM ANALYZE outbox_outboxevent")
        started = time.perf_counter()
        while claim():
            pass
        return number / (time.perf_counter() - started)
