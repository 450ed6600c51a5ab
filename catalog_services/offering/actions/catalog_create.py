from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.offering.domain import catalog as domain
from catalog_services.offering.kinds import CATALOG
from catalog_services.offering.models import Catalog


@transaction.atomic
def catalog_create(*, actor: Actor, fields: Mapping[str, Any]) -> Catalog:
    """Create a catalog. Raises ``ValidationFailed`` and ``Conflict`` (name or external id taken)."""
    row = save(Catalog(**columns(domain.Catalog(name="").changed(fields).checked())))
    record_change(CATALOG, "Created", row, actor=actor)
    return row
