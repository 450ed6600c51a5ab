"""What the commands that send events have in common."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError

from config.services import SERVICES


def refuse_without_relay() -> None:
    """Raises ``CommandError`` in a service whose events are history and sent to nobody."""
    if not SERVICES[settings.SERVICE_NAME].relay:
        raise CommandError(f"{settings.SERVICE_NAME} sends its events to nobody.")
