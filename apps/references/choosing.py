"""Replicas as something that a form chooses from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext

from apps.admin_kit.choices import Source
from apps.core.units import NO_UNIT
from apps.references.models import Reference
from apps.references.replicas import ReferenceKind


def replicas(kind: ReferenceKind, screen: str, label: Callable[[Any], str] = lambda row: row.name) -> Source:
    """What this service knows of another's rows, but for the deleted ones."""
    rows = Reference.objects.filter(kind=kind.name, deleted=False)
    return Source(kind.name, rows.all, label, key="aggregate_id", screen=screen)


def with_unit(characteristic: Reference) -> str:
    """A label: ``Download speed (Mbps)``."""
    unit = characteristic.data.get("unit_of_measure", NO_UNIT)
    return characteristic.name if unit == NO_UNIT else f"{characteristic.name} ({gettext(unit)})"
