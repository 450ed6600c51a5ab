"""What holds offerings protects them, and they protect it: bundles and members, categories, catalogs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.offering import bundles_with

NAMED = 5


def refuse_if_member(id_: UUID, *, in_status: Collection[str] = ()) -> None:
    """Raises ``Conflict`` naming the bundles that have this offering: all but retired ones, or those ``in_status``."""
    bundles = bundles_with(id_)
    if in_status:
        bundles = bundles.filter(lifecycle_status__in=in_status)
    _refuse(Message("It is a member of"), bundles)


def refuse_if_listed(field: str, id_: UUID) -> None:
    """Raises ``Conflict`` naming offerings whose ``field`` (``category_ids``, ``catalog_ids``) holds the id."""
    _refuse(Message("It holds offerings:"), Offering.objects.filter(**{f"{field}__contains": [id_]}))


def _refuse(why: str, users: QuerySet[Offering]) -> None:
    if found := list(users.only("id", "name")[:NAMED]):
        raise Conflict(
            Message("{why} {names}.", why=why, names=", ".join(row.name for row in found)),
            used_by=[{"kind": "offering", "id": str(row.pk), "name": row.name} for row in found],
        )
