"""What /health/ready says of a service's deliveries: it is told and does not decide, for the service itself works."""

from __future__ import annotations

from django.conf import settings

from apps.core import health
from apps.core.errors import SuiteError
from apps.core.messages import Message
from apps.outbox import backlog


class Behind(SuiteError):
    """Deliveries take too long, or were refused for good."""


def register() -> None:
    health.register("deliveries", deliveries, required=False)
    health.register("dead_letters", dead_letters, required=False)


def deliveries() -> dict[str, float]:
    """How long the oldest event has been on its way. Raises ``Behind`` when that is over ``OUTBOX_LATE_SECONDS``."""
    ages = backlog.oldest()
    oldest = round(max(ages.values(), default=0.0), 1)
    late = {name: age for name, age in ages.items() if age > settings.OUTBOX_LATE_SECONDS}
    if late:
        told = Message.joined(
            (
                Message("for {service} since {seconds} s", service=name, seconds=f"{age:.0f}")
                for name, age in sorted(late.items())
            ),
            ", ",
        )
        count = _said(backlog.how_many("pending", "sent"))
        raise Behind(
            Message("{count} deliveries are on their way, {ages}.", count=count, ages=told),
            oldest_seconds=oldest,
        )
    return {"oldest_seconds": oldest}


def dead_letters() -> None:
    """Raises ``Behind`` when there are any."""
    if count := backlog.how_many("dead"):
        command = f"manage.py {settings.SERVICE_NAME} dead_letters list"
        raise Behind(
            Message("{count} dead letters: {command}", count=_said(count), command=command), count=count
        )


def _said(count: int) -> str:
    return (
        Message("more than {most}", most=f"{backlog.COUNTED:,}") if count > backlog.COUNTED else f"{count:,}"
    )
