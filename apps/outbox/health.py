"""What /health/ready says of a service's deliveries: it is told and does not decide, for the service itself works."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from apps.core import health
from apps.core.errors import SuiteError
from config.services import SERVICES

COUNTED = 10_000

# Of each subscriber, the first that waits for its turn and the first that waits for its answer.
_OLDEST = """
SELECT s.name, max(extract(epoch FROM now() - e.created_at))
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
_HOW_MANY = "SELECT count(*) FROM (SELECT 1 FROM outbox_delivery WHERE state = ANY(%s) LIMIT %s) counted"


class Behind(SuiteError):
    """Deliveries take too long, or were refused for good."""


def register() -> None:
    health.register("deliveries", deliveries, required=False)
    health.register("dead_letters", dead_letters, required=False)


def deliveries() -> None:
    """Raises ``Behind`` when an event has been on its way for more than ``OUTBOX_LATE_SECONDS``."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [list(SERVICES[settings.SERVICE_NAME].subscribers)])
        late = {name: age for name, age in cursor.fetchall() if age > settings.OUTBOX_LATE_SECONDS}
    if late:
        ages = ", ".join(f"for {name} since {age:.0f} s" for name, age in sorted(late.items()))
        raise Behind(f"{_said(_counted('pending', 'sent'))} deliveries are on their way, {ages}.")


def dead_letters() -> None:
    """Raises ``Behind`` when there are any."""
    if count := _counted("dead"):
        command = f"manage.py {settings.SERVICE_NAME} dead_letters list"
        raise Behind(f"{_said(count)} dead letters: {command}", count=count)


def _counted(*states: str) -> int:
    """Never more than one above ``COUNTED``: counting all would take too long."""
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, [list(states), COUNTED + 1])
        return int(cursor.fetchone()[0])


def _said(count: int) -> str:
    return f"more than {COUNTED:,}" if count > COUNTED else f"{count:,}"
