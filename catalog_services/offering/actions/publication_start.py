from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.core.actor import Actor
from apps.saga import context
from apps.saga.client import Engine, engine
from apps.saga.variables import JSON
from catalog_services.offering.actions.publication_moves import lock_publication
from catalog_services.offering.domain.publication import REQUESTED
from catalog_services.offering.models import Offering, Publication

PROCESS = "offering-publication"


@transaction.atomic
def publication_start(*, id: UUID) -> Publication:
    """Start the process of a requested publication, once, whoever asks and however often.

    The engine does not keep business keys unique, so the row's lock does: whoever has it looks the key up
    first, also after an attempt whose outcome is unknown. Raises ``NotFound`` and ``Unavailable``.
    """
    row = lock_publication(id)
    if row.state == REQUESTED and not row.process_id:
        row.process_id = _found(engine(), row) or engine().start(PROCESS, str(row.pk), variables(row))
        row.save(update_fields=["process_id"])
    return row


def _found(engine: Engine, row: Publication) -> str:
    """The process that was started already, a running one rather than an ended one; empty when there is none."""
    instances = sorted(engine.instances(str(row.pk)), key=lambda one: one.running, reverse=True)
    return instances[0].id if instances else ""


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
