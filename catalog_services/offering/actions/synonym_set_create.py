from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.offering.domain import synonym_set as domain
from catalog_services.offering.kinds import SYNONYM_SET
from catalog_services.offering.models import SynonymSet


@transaction.atomic
def synonym_set_create(*, actor: Actor, fields: Mapping[str, Any]) -> SynonymSet:
    """Create a set of synonyms. Raises ``ValidationFailed`` and ``Conflict`` (external id taken)."""
    row = save(SynonymSet(**columns(domain.SynonymSet().changed(fields).checked())))
    record_change(SYNONYM_SET, "Created", row, actor=actor)
    return row
