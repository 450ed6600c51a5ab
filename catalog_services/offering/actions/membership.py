"""Bundles protect their members."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.core.errors import Conflict
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.offering import bundles_with


def refuse_if_member(id_: UUID, *, in_status: Collection[str] = ()) -> None:
    """Raises ``Conflict`` naming the bundles that have this offering: all but retired ones, or those ``in_status``."""
    bundles = bundles_with(id_)
    if in_status:
        bundles = bundles.filter(lifecycle_status__in=in_status)
    found = list(bundles.values("id", "name")[:5])
    if found:
        raise Conflict(
            f"It is a member of {', '.join(bundle['name'] for bundle in found)}.",
            used_by=[
                {"kind": "offering", "id": str(bundle["id"]), "name": bundle["name"]} for bundle in found
            ],
        )


def refuse_if_listed(field: str, id_: UUID) -> None:
    """Raises ``Conflict`` naming offerings whose ``field`` (``category_ids``, ``catalog_ids``) holds the id."""
    found = list(Offering.objects.filter(**{f"{field}__contains": [id_]}).values("id", "name")[:5])
    if found:
        raise Conflict(
            f"It holds offerings: {', '.join(offering['name'] for offering in found)}.",
            used_by=[{"kind": "offering", "id": str(o["id"]), "name": o["name"]} for o in found],
        )
