"""What /health/ready says of the broker and of the process engine: it is told and does not decide, for a write is taken
without them: the outbox keeps it, and a publication waits to be started."""

from __future__ import annotations

import functools

from django.conf import settings

from apps.core import health
from apps.core.broker import asked_once
from apps.saga.client import Engine
from config import env

PATIENCE_SECONDS = 1.0


def register_broker() -> None:
    health.register("redis", broker, required=False)


def register_engine() -> None:
    health.register("camunda", engine, required=False)


def broker() -> None:
    """Raises when Redis does not answer."""
    asked_once(settings.CELERY["broker_url"], seconds=PATIENCE_SECONDS).ping()


def engine() -> None:
    """Raises when the process engine does not answer, or has no database."""
    _engine(env.part_url("camunda")).ping()


@functools.cache
def _engine(url: str) -> Engine:
    """One for all threads: a check is at work in one of them at a time."""
    return Engine(url, read_seconds=PATIENCE_SECONDS)
