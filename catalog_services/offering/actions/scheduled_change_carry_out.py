"""Carrying out what is due: the same action that a click starts, in the name of who scheduled it."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import structlog
from django.db import transaction

from apps.core import clock, correlation
from apps.core.actor import SYSTEM, Actor
from apps.core.errors import NotFound, SuiteError, Unavailable, ValidationFailed
from catalog_services.offering.actions.offering_checks import check_references
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_update import to_domain
from catalog_services.offering.actions.scheduled_change_moves import lock_scheduled_change, move, tell
from catalog_services.offering.domain.scheduled_change import CARRIED_OUT, FAILED, PENDING, PUBLISH, lateness
from catalog_services.offering.models import Offering, ScheduledChange
from catalog_services.offering.selectors.scheduled_change import AGAIN_AFTER, due_changes, what_it_waits_for

log = structlog.get_logger(__name__)
PER_ROUND = 50


def scheduled_changes_carry_out() -> None:
    """Carry out what is due, a bounded number. What came due while nothing ran is carried out late and
    says so; what has to wait is tried again later and keeps no other waiting."""
    for id_ in due_changes().values_list("pk", flat=True)[:PER_ROUND]:
        try:
            scheduled_change_carry_out(id=id_)
        except NotFound:  # deleted with its offering, or somebody else is at it
            continue
        except Exception as error:
            if not isinstance(error, Unavailable):
                log.exception("scheduled change not carried out", scheduled_change_id=str(id_))
            reason = error.detail if isinstance(error, SuiteError) else type(error).__name__
            _postpone(id_, reason)


def scheduled_change_carry_out(*, id: UUID) -> None:
    """Carry out one change if it is due and not settled, once, whoever asks and however often: what it starts and
    that it was started is one transaction. When it is refused it has FAILED with the reason.

    Raises ``NotFound`` (also when its offering is just being changed), and ``Unavailable``: then it is due still.
    """
    fetch_references(id)
    with transaction.atomic():
        row = lock_scheduled_change(id, unless_busy=True)
        if row.state != PENDING or row.at > clock.now():
            return
        if reason := what_it_waits_for(row):
            _postpone(id, reason)
            return
        with correlation.bound(row.correlation_id):
            _try(row)


def carry_out(row: ScheduledChange, *, actor: Actor) -> None:
    """Publish or retire and say that it is done, or nothing of it; the caller holds the lock.

    Raises what ``offering_publish`` and ``offering_retire`` do.
    """
    with transaction.atomic():
        # Before the act, as that cancels what is open and has become pointless by it.
        move(row, CARRIED_OUT, actor=actor, reason=lateness(row.at, clock.now()))
        if row.kind == PUBLISH:
            row.publication_id = offering_publish(actor=actor, id=row.offering_id).publication_id
            row.save(update_fields=["publication"])
        else:
            offering_retire(actor=actor, id=row.offering_id)
        tell(row, actor=actor)


def fetch_references(id_: UUID) -> None:
    """What a draft refers to and is not known here is asked for before the lock is taken; what is wrong with it, its
    publication says."""
    offering = Offering.objects.filter(scheduled_changes=id_, scheduled_changes__kind=PUBLISH).first()
    if offering is not None:
        with suppress(ValidationFailed):
            check_references(offering.pk, to_domain(offering))


def _try(row: ScheduledChange) -> None:
    try:
        carry_out(row, actor=Actor(row.scheduled_by_id, row.scheduled_by))
    except Unavailable:
        raise
    except SuiteError as error:
        row.refresh_from_db()
        move(row, FAILED, actor=SYSTEM, reason=error.detail)
        tell(row, actor=SYSTEM)
    log.info("scheduled change settled", scheduled_change_id=str(row.pk), state=row.state)


def _postpone(id_: UUID, reason: str) -> None:
    pending = ScheduledChange.objects.filter(pk=id_, state=PENDING)
    pending.update(try_at=clock.now() + AGAIN_AFTER, reason=reason)
