"""What /health/ready says of publications: it is told and does not decide."""

from __future__ import annotations

from apps.core import health
from apps.core.errors import Conflict
from apps.core.messages import Message


def register() -> None:
    health.register("publications", publications, required=False)


def publications() -> None:
    """Raises while one stands: somebody has to see to it."""
    from catalog_services.offering.selectors.publication import publications_standing

    if count := publications_standing().count():
        raise Conflict(
            Message(
                "{count} publications do not come to their end: {command}",
                count=count,
                command="manage.py offering publications retry",
            )
        )
