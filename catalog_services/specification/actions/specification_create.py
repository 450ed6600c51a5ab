from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.specification.actions.choices import with_choices
from catalog_services.specification.domain import specification as domain
from catalog_services.specification.kinds import SPECIFICATION
from catalog_services.specification.models import Specification


def specification_create(*, actor: Actor, fields: Mapping[str, Any]) -> Specification:
    """Create a specification from its REST fields and tell of it.

    Raises ``ValidationFailed`` (domain rules, unknown characteristics, values not allowed), ``Conflict`` (name or
    external id taken) and ``Unavailable`` when the characteristic service has to be asked and does not answer.
    """
    checked = domain.Specification(name="").changed(with_choices(fields)).checked()
    with transaction.atomic():
        row = save(Specification(**columns(checked)))
        record_change(SPECIFICATION, "Created", row, actor=actor)
    return row
