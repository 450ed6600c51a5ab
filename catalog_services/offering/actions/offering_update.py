from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.core.messages import Message
from apps.core.writes import assign, columns, lock, one_at_a_time, save
from apps.outbox.record import record_change
from catalog_services.offering.actions.offering_checks import (
    BUNDLES_LOCK,
    check_references,
    hold_local,
    hold_new_members,
)
from catalog_services.offering.domain import offering as domain
from catalog_services.offering.domain.lifecycle import check_changeable
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering


def offering_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> Offering:
    """Change the given fields of a draft; what changes nothing makes no version and no event.

    Raises ``NotFound``, ``PreconditionFailed``, ``Conflict`` (not a draft, or changed meanwhile), ``ValidationFailed``,
    ``Unavailable``.
    """
    seen = Offering.objects.filter(pk=id).first()
    if seen is None:
        raise NotFound(Message("There is no {kind} with id {ids}.", kind=Message("offering"), ids=id))
    check_changeable(seen.lifecycle_status)
    known = to_domain(seen)
    draft = known.changed(fields).checked()
    check_references(id, draft)
    new_members = set(draft.member_ids) - set(known.member_ids)
    with transaction.atomic():
        if new_members:  # before any row is locked: who changes another bundle may wait for this one
            one_at_a_time(BUNDLES_LOCK)
        row = lock(Offering, id, expected_version=expected_version)
        check_changeable(row.lifecycle_status)
        if row.version != seen.version:  # what was checked is what is written, never a mixture
            raise Conflict(Message("Somebody changed it at the same time: read it again and repeat."))
        checked = to_domain(row).changed(fields).checked()
        hold_local(checked)
        hold_new_members(id, checked, new_members)
        if assign(row, columns(checked)):
            save(row)
            record_change(OFFERING, "Updated", row, actor=actor)
    return row


def to_domain(row: Offering) -> domain.Offering:
    """A row as the domain sees it."""
    return domain.Offering(
        name=row.name,
        description=row.description,
        external_id=row.external_id,
        specification_ids=tuple(row.specification_ids),
        pricing_ids=tuple(row.pricing_ids),
        category_ids=tuple(row.category_ids),
        catalog_ids=tuple(row.catalog_ids),
        sales_channels=tuple(row.sales_channels),
        market_segments=tuple(row.market_segments),
        is_bundle=row.is_bundle,
        bundled_offerings=tuple(domain.BundledOffering(**member) for member in row.bundled_offerings),
        characteristic_values=tuple(domain.PinnedValue(**pin) for pin in row.characteristic_values),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
