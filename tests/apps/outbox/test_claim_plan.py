"""A claim costs the same whatever the table holds and whatever PostgreSQL believes of it."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.outbox import backlog
from apps.outbox.models import Delivery
from apps.outbox.relay import claim

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 3_000


def plan(statement: str, parameters: list[object] | dict[str, object]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.fixture(params=["while all waited", "while nothing waited"])
def believed(request, changes):
    """Many deliveries, analyzed in a moment that is over, and not by PostgreSQL itself just now."""
    changes()
    moments = ["pending", "done"] if request.param == "while all waited" else ["done", "pending"]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_delivery SET (autovacuum_enabled = off)")
        cursor.execute("DELETE FROM outbox_delivery")
        cursor.execute(
            """INSERT INTO outbox_outboxevent (event_id, type, subject, correlation_id, envelope, created_at)
               SELECT gen_random_uuid(), type, subject, correlation_id, envelope, created_at
                 FROM outbox_outboxevent, generate_series(1, %s)""",
            [ROWS],
        )
        cursor.execute(
            """INSERT INTO outbox_delivery (event_id, subscriber, subject, state, attempts, resends, due_at, reason)
               SELECT id, subscriber, subject, %s, 0, 0, now(), ''
                 FROM outbox_outboxevent, unnest('{specification,store}'::text[]) subscriber""",
            moments[:1],
        )
        cursor.execute("ANALYZE outbox_delivery")
        Delivery.objects.update(state=moments[1])
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_delivery RESET (autovacuum_enabled)")


def test_a_claim_goes_by_the_index_of_what_waits(believed):
    chosen = plan(claim._CLAIM, ["store", 500])
    assert "Index Scan using outbox_delivery_waiting" in chosen
    assert "Sort" not in chosen


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (claim._DUE, ["store", 50]),
        (backlog._OLDEST, [["store"]]),
        (backlog._EACH, {"most": 50, "names": ["store"]}),
    ],
)
def test_so_does_whoever_counts_it(believed, statement, parameters):
    assert "Seq Scan on outbox_delivery" not in plan(statement, parameters)
    assert "outbox_delivery_pkey" not in plan(statement, parameters)
