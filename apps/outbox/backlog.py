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
# Each state by its own name: that is how the planner knows the index that has it.
_COUNT = "(SELECT count(*) FROM (SELECT 1 FROM outbox_delivery WHERE {} LIMIT %(most)s) counted)"
_EACH = " UNION ALL ".join(
    f"SELECT name, '{state}', {_COUNT.format(f"subscriber = name AND state = '{state}'")}"  # noqa: S608 (constants)
    " FROM unnest(%(names)s::text[]) name"
    for state in UNSETTLED
)


def oldest() -> dict[str, float]:
    """Seconds that the oldest event on its way to each subscriber has been so; only those that wait for any."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [list(SERVICES[settings.SERVICE_NAME].subscribers)])
        return dict(cursor.fetchall())


def by_subscriber() -> dict[tuple[str, str], int]:
    """Deliveries by (subscriber, state) that are not settled; ``COUNTED`` stands for that many or more."""
    names = list(SERVICES[settings.SERVICE_NAME].subscribers)
    with connection.cursor() as cursor:
        cursor.execute(_EACH, {"most": COUNTED, "names": names})
        return {(name, state): count for name, state, count in cursor.fetchall()}


def how_many(*states: str) -> int:
    """Deliveries in any of ``states``; more than ``COUNTED`` stands for that many or more."""
    counts = (_COUNT.format(f"state = '{state}'") for state in UNSETTLED if state in states)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' + '.join(counts)}", {"most": COUNTED + 1})
        return int(cursor.fetchone()[0])
