"""Specification's step of ``offering-publication``: it only reads, so that there is nothing to fence or undo."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.db import transaction

from apps.core.writes import hold
from apps.saga.registry import SagaStep, saga_step
from apps.saga.variables import JSON
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.publishable import publishable


@saga_step("validate-specifications")
def validate_specifications(step: SagaStep) -> dict[str, JSON]:
    """Variables: ``specification_ids``, ``characteristic_values`` [{characteristic_id, value}].

    Answers ``specification_versions`` and ``characteristic_versions`` {id: version}: what the store has to wait for.
    """
    ids = cast(list[str], step.variables["specification_ids"])
    with transaction.atomic():  # a deletion under way may have asked before there was this publication
        hold(Specification, map(UUID, ids))
    pinned = cast(list[dict[str, str]], step.variables.get("characteristic_values") or [])
    versions = publishable(ids, pinned)
    return {
        "specification_versions": dict(versions.specifications),
        "characteristic_versions": dict(versions.characteristics),
    }
