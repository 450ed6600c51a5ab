from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.ids import uuid7
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.offering.actions.offering_checks import check_references, hold_local, hold_new_members
from catalog_services.offering.domain import offering as domain
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering


def offering_create(*, actor: Actor, fields: Mapping[str, Any]) -> Offering:
    """Create a draft from its REST fields; only a name is needed.

    Raises ``ValidationFailed``, ``Conflict`` (external id taken) and ``Unavailable``.
    """
    checked = domain.Offering(name="").changed(fields).checked()
    id_ = uuid7()
    check_references(id_, checked)
    with transaction.atomic():
        hold_local(checked)
        hold_new_members(id_, checked, checked.member_ids)
        row = save(Offering(id=id_, **columns(checked)))
        record_change(OFFERING, "Created", row, actor=actor)
    return row
