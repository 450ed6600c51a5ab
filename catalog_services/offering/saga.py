"""The offering service's steps of ``offering-publication``: thin, each one action on the publication's row."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from apps.core.errors import NotFound
from apps.core.messages import Message
from apps.saga.client import engine
from apps.saga.context import text_of
from apps.saga.registry import SagaStep, saga_step
from apps.saga.variables import JSON
from catalog_services.offering.actions.publication_claim import publication_claim
from catalog_services.offering.actions.publication_confirm import publication_confirm
from catalog_services.offering.actions.publication_fail import UNDO, publication_fail
from catalog_services.offering.actions.publication_finish import publication_finish
from catalog_services.offering.actions.publication_revert import publication_revert
from catalog_services.offering.domain.publication import TIMEOUT, Failure


@saga_step("claim-publication")
def claim_publication(step: SagaStep) -> None:
    """Refused to any process but the first."""
    publication_claim(id=UUID(step.publication_id), process_id=step.process_id)


@saga_step("confirm-publication")
def confirm_publication(step: SagaStep) -> None:
    """The point of no return: refused when a failure was quicker."""
    publication_confirm(actor=step.actor, id=UUID(step.publication_id), process_id=step.process_id)


@saga_step("fail-publication", must_succeed=True)
def fail_publication(step: SagaStep) -> dict[str, JSON]:
    """Answers ``decision``: ``undo``, or ``follow`` when the confirmation was quicker. A publication that is gone
    failed before: what the others did of it is undone, where it still has to be."""
    try:
        return {"decision": publication_fail(id=UUID(step.publication_id), failure=_failure(step))}
    except NotFound:
        return {"decision": UNDO}


@saga_step("revert-to-draft", must_succeed=True)
def revert_to_draft(step: SagaStep) -> None:
    """Only a draft can be deleted, and its publications go with it: one that is gone was reverted before."""
    with suppress(NotFound):
        publication_revert(actor=step.actor, id=UUID(step.publication_id))


@saga_step("finish-publication", must_succeed=True)
def finish_publication(step: SagaStep) -> None:
    publication_finish(id=UUID(step.publication_id))


def _failure(step: SagaStep) -> Failure:
    """What a refused step said; after a timeout, what kept the process from going on."""
    if code := text_of(step.variables, "failure_code"):
        message = text_of(step.variables, "failure_message")
        return Failure(code, message, text_of(step.variables, "failed_step"))
    failures = engine().failures(step.process_id)
    if not failures:
        return Failure(TIMEOUT, Message("It took too long."))
    name, reason = list(failures.items())[-1]
    return Failure(TIMEOUT, Message("It took too long. The last failure: {reason}", reason=reason), name)
