from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.messages import Message
from apps.saga import context
from apps.saga.client import engine
from apps.saga.errors import DiagramMissing
from apps.saga.variables import JSON
from catalog_services.offering.actions.publication_moves import lock_publication
from catalog_services.offering.domain.publication import REQUESTED
from catalog_services.offering.models import Offering, Publication

PROCESS = "offering-publication"


@transaction.atomic
def publication_start(*, id: UUID) -> Publication | None:
    """Start the process of a requested publication, whoever asks and however often; None when it is gone: it was
    cancelled, and its draft deleted, before it began.

    An attempt whose outcome is unknown may have started a process, and this one starts a second: whichever claims the
    publication first is its process, and the other ends without effect. Raises ``Unavailable`` when the engine does not
    answer, and ``DiagramMissing``.
    """
    try:
        row = lock_publication(id)
    except NotFound:
        return None
    if row.state == REQUESTED and not row.process_id:
        start_process(row)
    return row


def start_process(row: Publication) -> None:
    """Start one for a row whose lock the caller holds. Raises ``Unavailable``, ``DiagramMissing``."""
    try:
        row.process_id = engine().start(PROCESS, str(row.pk), variables(row))
    except NotFound as error:
        raise DiagramMissing(
            Message("The engine has no diagram {process}: manage.py offering deploy_bpmn.", process=PROCESS)
        ) from error
    row.save(update_fields=["process_id"])


def variables(row: Publication) -> dict[str, JSON]:
    """What the process starts with; the steps' contract (bpmn/offering-publication.bpmn)."""
    offering: Any = Offering.objects.get(pk=row.offering_id)
    return {
        "timeout": f"PT{settings.PUBLICATION_SECONDS}S",
        "offering_id": str(offering.pk),
        "offering_version": row.offering_version,
        "pricing_ids": [str(id_) for id_ in offering.pricing_ids],
        "specification_ids": [str(id_) for id_ in offering.specification_ids],
        "characteristic_values": offering.characteristic_values,
        "bundled_offering_ids": [member["id"] for member in offering.bundled_offerings],
        **context.carried(Actor(row.requested_by_id, row.requested_by)),
        context.CORRELATION: row.correlation_id,
    }
