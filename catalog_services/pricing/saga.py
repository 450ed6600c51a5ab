"""Pricing's steps of ``offering-publication``: thin, each one action fenced by the publication's id."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from apps.saga.registry import SagaStep, saga_step
from apps.saga.variables import JSON
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.actions.publication_end import publication_end


@saga_step("lock-prices")
def lock_prices(step: SagaStep) -> dict[str, JSON]:
    """Variables: ``pricing_ids``. Answers ``price_versions`` {id: version}: what the store has to wait for."""
    ids = [UUID(id_) for id_ in cast(list[str], step.variables["pricing_ids"])]
    rows = prices_lock(price_ids=ids, publication_id=UUID(step.publication_id))
    return {"price_versions": {str(row.pk): row.version for row in rows}}


@saga_step("unlock-prices", must_succeed=True)
def unlock_prices(step: SagaStep) -> None:
    """The compensation of lock-prices."""
    publication_end(publication_id=UUID(step.publication_id))


@saga_step("release-prices", must_succeed=True)
def release_prices(step: SagaStep) -> None:
    """The publication is through: its prices may change again."""
    publication_end(publication_id=UUID(step.publication_id))
