"""Reading offerings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core.clock import iso
from catalog_services.offering.domain.lifecycle import RETIRED
from catalog_services.offering.models import Offering


def offerings() -> QuerySet[Offering]:
    """Every offering, with what its state needs."""
    return Offering.objects.all()


def with_member(queryset: QuerySet[Offering], id_: UUID) -> QuerySet[Offering]:
    """Those of ``queryset`` that have this offering as a direct member; by index."""
    return queryset.filter(bundled_offerings__contains=[{"id": str(id_)}])


def bundles_with(id_: UUID) -> QuerySet[Offering]:
    """The bundles that are not retired and have this offering as a direct member."""
    return with_member(offerings(), id_).exclude(lifecycle_status=RETIRED)


def bundle_graph(roots: Iterable[str]) -> dict[str, list[str]]:
    """Bundle id -> member ids, for ``roots`` and everything below them; one query per level."""
    graph: dict[str, list[str]] = {}
    level = set(roots)
    while level:
        rows = Offering.objects.filter(pk__in=level, is_bundle=True).values_list("pk", "bundled_offerings")
        found = {str(pk): [member["id"] for member in members] for pk, members in rows}
        graph.update(found)
        level = {member for members in found.values() for member in members} - set(graph)
    return graph


def offering_state(row: Offering) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        **row.head(),
        "name": row.name,
        "description": row.description,
        "specification_ids": [str(id_) for id_ in row.specification_ids],
        "pricing_ids": [str(id_) for id_ in row.pricing_ids],
        "category_ids": [str(id_) for id_ in row.category_ids],
        "catalog_ids": [str(id_) for id_ in row.catalog_ids],
        "sales_channels": list(row.sales_channels),
        "market_segments": list(row.market_segments),
        "is_bundle": row.is_bundle,
        "bundled_offerings": row.bundled_offerings,
        "characteristic_values": row.characteristic_values,
        "valid_from": iso(row.valid_from),
        "valid_to": iso(row.valid_to),
        "lifecycle_status": row.lifecycle_status,
        "status_reason": row.status_reason,
        "publication_id": str(row.publication_id) if row.publication_id else None,
        "published_at": iso(row.published_at),
        "retired_at": iso(row.retired_at),
    }
