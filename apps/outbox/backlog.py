"""What of a service's events is on its way: counted up to a limit, so that asking costs the same whatever waits."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from config.services import SERVICES

COUNTED = 10_000
UNSETTLED = ("pending", "held", "sent", "dead")

# Of each subscriber, the first that waits for its turn and the first that waits for its answer.
_OLDEST = """
SELECT s.name, max(extract(epoch FROM now() - e.created_at))::float8
  FROM unnest(%s::text[]) s(name)
 CROSS JOIN LATERAL (
       (SELECT event_id FROM outbox_delivery
         WHERE subscriber = s.name AND state = 'pending' ORDER BY id LIMIT 1)
       UNION ALL
       (SELECT event_id FROM outbox_delivery
         WHERE subscriber = s.name AND state = 'sent' ORDER BY sent_at LIMIT 1)) d
  JOIN outbox_outboxevent e ON e.id = d.event_id
 GROUP BY s.name
"""
_EACH = """
SELECT s.name, t.state,
       (SELECT count(*) FROM (SELECT 1 FROM outbox_delivery d
                               WHERE d.subscriber = s.name AND d.state = t.state LIMIT %s) counted)
  FROM unnest(%s::text[]) s(name) CROSS JOIN unnest(%s::text[]) t(state)
"""
_HOW_MANY = "SELECT count(*) FROM (SELECT 1 FROM outbox_delivery WHERE state = ANY(%s) LIMIT %s) counted"


def oldest() -> dict[str, float]:
    """Seconds that the oldest event on its way to each subscriber has been so; only those that wait for any."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [list(SERVICES[settings.SERVICE_NAME].subscribers)])
        return dict(cursor.fetchall())


def by_subscriber() -> dict[tuple[str, str], int]:
    """Deliveries by (subscriber, state) that are not settled; ``COUNTED`` stands for that many or more."""
    names = list(SERVICES[settings.SERVICE_NAME].subscribers)
    with connection.cursor() as cursor:
        cursor.execute(_EACH, [COUNTED, names, list(UNSETTLED)])
        return {(name, state): count for name, state, count in cursor.fetchall()}


def how_many(*states: str) -> int:
    """Deliveries in any of ``states``; more than ``COUNTED`` stands for that many or more."""
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, [list(states), COUNTED + 1])
        return int(cursor.fetchone()[0])
