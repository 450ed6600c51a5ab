"""What /health/ready says of publications: it is told and does not decide."""

from __future__ import annotations

from apps.core import health
from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.domain.publication import UNDO_FAILED


def register() -> None:
    health.register("publications", publications, required=False)


def publications() -> None:
    """Raises while an undo stands on an incident: somebody has to see to it."""
    from catalog_services.offering.models import Publication

    if count := Publication.objects.filter(state=UNDO_FAILED).count():
        raise Conflict(
            Message(
                "{count} publications could not be undone: {command}",
                count=count,
                command="manage.py offering publications retry",
            )
        )
