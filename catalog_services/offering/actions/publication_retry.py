from __future__ import annotations

from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from apps.saga.client import engine
from apps.saga.model import Incident
from catalog_services.offering.actions.publication_moves import lock_publication, move
from catalog_services.offering.domain.publication import FAILING, UNDO_FAILED
from catalog_services.offering.models import Publication
from catalog_services.offering.selectors.publication import incidents_of

log = structlog.get_logger(__name__)


@transaction.atomic
def publication_retry(*, actor: Actor, id: UUID) -> Publication:
    """Give whatever a publication stands on new tries: an undo that failed, a release that did not go through.

    Raises ``NotFound``, ``Unavailable``, and ``Conflict`` when it stands on nothing.
    """
    row = lock_publication(id)
    incidents = to_retry(row)
    log.info(
        "publication tried again", publication_id=str(row.pk), incidents=len(incidents), actor=actor.username
    )
    for incident in incidents:
        engine().retry(incident, retries=settings.SAGA_ATTEMPTS)
    if row.state == UNDO_FAILED:
        move(row, FAILING)
    return row


def to_retry(row: Publication) -> list[Incident]:
    """What it stands on. Raises ``Unavailable``, and ``Conflict`` when that is nothing."""
    if not (incidents := incidents_of(row)):
        raise Conflict(
            Message("The publication is {state} and stands on no incident.", state=row.state), state=row.state
        )
    return incidents
