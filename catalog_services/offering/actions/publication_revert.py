from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from catalog_services.offering.actions.publication_moves import give_back, lock_publication
from catalog_services.offering.domain.publication import FAILED
from catalog_services.offering.models import Publication


@transaction.atomic
def publication_revert(*, actor: Actor, id: UUID) -> Publication:
    """FAILING -> FAILED: the offering is a draft again, with the reason; doing it again changes nothing.

    Raises ``NotFound``, and ``Conflict`` when the publication never began to fail.
    """
    row = lock_publication(id)
    if row.state != FAILED:
        give_back(row, actor=actor)
    return row
