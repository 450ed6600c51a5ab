"""What holds offerings protects them, and they protect it: bundles and members, categories, catalogs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.domain.lifecycle import RETIRED
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.offering import bundles_with

NAMED = 5


def refuse_if_member(id_: UUID, *, in_status: Collection[str] = ()) -> None:
    """Raises ``Conflict`` naming the bundles that have this offering: all but retired ones, or those ``in_status``."""
    bundles = bundles_with(id_)
    if in_status:
        bundles = bundles.filter(lifecycle_status__in=in_status)
    if found := _named(bundles):
        raise _conflict(Message("It is a member of {names}.", names=_names(found)), found)


def refuse_if_listed(field: str, id_: UUID) -> None:
    """Raises ``Conflict`` naming offerings whose ``field`` (``category_ids``, ``catalog_ids``) holds the id; a retired
    one does not count."""
    listed = Offering.objects.filter(**{f"{field}__contains": [id_]}).exclude(lifecycle_status=RETIRED)
    if found := _named(listed):
        raise _conflict(Message("It holds offerings: {names}.", names=_names(found)), found)


def _named(users: QuerySet[Offering]) -> list[Offering]:
    return list(users.only("id", "name")[:NAMED])


def _names(rows: list[Offering]) -> str:
    return ", ".join(row.name for row in rows)


def _conflict(message: Message, users: list[Offering]) -> Conflict:
    used_by = [{"kind": "offering", "id": str(row.pk), "name": row.name} for row in users]
    return Conflict(message, used_by=used_by)
