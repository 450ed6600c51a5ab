"""What the commands of the outbox have in common."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.core.management.base import CommandError

from config.services import SERVICES


def refuse_without_relay() -> None:
    """Raises ``CommandError`` in a service whose events are history and sent to nobody."""
    if not SERVICES[settings.SERVICE_NAME].relay:
        raise CommandError(f"{settings.SERVICE_NAME} sends its events to nobody.")


def load_declarations() -> None:
    """Import what declares a service's handlers, periodic work and what it forgets: the ``tasks.py`` of one that has a
    relay."""
    service = SERVICES[settings.SERVICE_NAME]
    if service.relay:
        import_module(f"{service.module}.tasks")
