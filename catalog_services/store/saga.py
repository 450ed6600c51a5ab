"""The store's steps of ``offering-publication``: thin, each fenced by the publication's id."""

from __future__ import annotations

from typing import cast

from apps.saga.registry import SagaStep, saga_step
from catalog_services.store.projection.publishing import prepare_entry, withdraw_entry

_SEEN = {
    "price_versions": "prices",
    "specification_versions": "specifications",
    "characteristic_versions": "characteristics",
}

PATIENCE_SECONDS = 0.3
"""Short: some steps travel together, and what they wait for comes through this same worker."""


@saga_step("create-store-entry")
def create_store_entry(step: SagaStep) -> None:
    """Variables: ``offering_id`` and ``offering_version``, and what the steps before saw: ``price_versions``,
    ``specification_versions`` and ``characteristic_versions``, each {id: version}."""
    offering_id = str(step.variables["offering_id"])
    seen = {
        kind: cast(dict[str, int], step.variables[name])
        for name, kind in _SEEN.items()
        if step.variables.get(name)
    }
    if version := cast(int | None, step.variables.get("offering_version")):
        seen["offerings"] = {offering_id: version}
    # Usually the events are a moment behind the step. When they are further behind, whoever waits here keeps them so.
    patience = PATIENCE_SECONDS if step.attempt == 1 else 0.0
    prepare_entry(publication_id=step.publication_id, offering_id=offering_id, seen=seen, patience=patience)


@saga_step("delete-store-entry", must_succeed=True)
def delete_store_entry(step: SagaStep) -> None:
    """The compensation of create-store-entry."""
    withdraw_entry(publication_id=step.publication_id, offering_id=str(step.variables["offering_id"]))
