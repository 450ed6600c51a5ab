from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.core.messages import Message
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from apps.references.usage import NOT_RETIRED, UsedBy, refuse_if_used
from catalog_services.specification.kinds import SPECIFICATION
from catalog_services.specification.models import Specification

USERS = (UsedBy("offering", "offering", "/api/v1/offerings", "specification_id", where=NOT_RETIRED),)


def specification_delete(
    *, actor: Actor, id: UUID, expected_version: int | None = None, force: bool = False
) -> None:
    """Delete a specification that no offering uses; a retired offering does not count. An admin may insist with
    ``force``, and nobody is asked. The question is asked under the row's lock: a publication that comes meanwhile waits
    for it, and finds the row gone.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict`` naming the offerings, and
    ``Unavailable`` when the offering service cannot be asked.
    """
    if force and not actor.is_admin:
        raise Forbidden(Message("Only an admin can insist on deleting what may be in use."))
    with transaction.atomic():
        row = lock(Specification, id, expected_version=expected_version)
        if not force:
            refuse_if_used("specification", id, *USERS)
        record_deletion(SPECIFICATION, row, actor=actor)
        row.delete()
