from __future__ import annotations

from uuid import UUID

from django.db import transaction

from catalog_services.offering.actions.publication_moves import lock_publication, move
from catalog_services.offering.domain.publication import DONE
from catalog_services.offering.models import Publication


@transaction.atomic
def publication_finish(*, id: UUID) -> Publication:
    """CONFIRMED -> DONE: its locks are released; doing it again changes nothing. Raises ``NotFound``, ``Conflict``."""
    row = lock_publication(id)
    if row.state != DONE:
        move(row, DONE)
    return row
