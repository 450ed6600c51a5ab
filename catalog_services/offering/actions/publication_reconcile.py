"""Settling what did not settle by itself: lost starts, ended or stuck processes, locks not released."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from apps.core import clock, correlation
from apps.core.actor import SYSTEM
from apps.core.errors import Unavailable
from apps.core.messages import Message
from apps.saga.client import Engine, engine
from catalog_services.offering.actions.publication_moves import (
    give_back,
    lock_publication,
    move,
    review_at,
)
from catalog_services.offering.actions.publication_start import PROCESS, start_process, variables
from catalog_services.offering.domain.publication import (
    CONFIRMED,
    FAILING,
    OPEN,
    REQUESTED,
    RUNNING,
    TIMEOUT,
    UNDO_FAILED,
    Failure,
)
from catalog_services.offering.models import Publication

log = structlog.get_logger(__name__)
AGAIN_AFTER = timedelta(seconds=30)
LONGEST_LOCK = timedelta(seconds=60)
"""No task of the engine is locked, or waits for its next try, for nearly as long."""
PER_ROUND = 50


def publications_reconcile() -> None:
    """Reconcile what is due, the oldest first, a bounded number. One that cannot be settled is due again later and
    keeps no other waiting. Raises ``Unavailable`` when the engine cannot be asked: then none can be settled, and the
    next round begins with another, so that no single one is in the way of all for good."""
    _come_back_from_the_future()
    for id_ in publications_due().values_list("pk", flat=True)[:PER_ROUND]:
        try:
            publication_reconcile(id=id_)
        except Exception as error:
            asked_in_vain = type(error) is Unavailable  # its subclasses are about one process
            again = clock.now() + (timedelta() if asked_in_vain else AGAIN_AFTER)
            Publication.objects.filter(pk=id_).update(review_at=again)
            if asked_in_vain:
                raise
            log.exception("publication not reconciled", publication_id=str(id_))


def publications_due() -> QuerySet[Publication]:
    """Those that have not settled in their time, the oldest first."""
    return Publication.objects.filter(state__in=OPEN, review_at__lte=clock.now()).order_by("review_at")


def _come_back_from_the_future() -> None:
    """A review is never planned for later than this, unless the clock was ahead then: nothing waits until it is
    there again."""
    latest = review_at(RUNNING)
    Publication.objects.filter(state__in=OPEN, review_at__gt=latest).update(review_at=latest)


@transaction.atomic
def publication_reconcile(*, id: UUID) -> Publication:
    """Look at one publication that is due for it and move it on; it is due again later, until it has ended.

    Raises ``NotFound``, and ``Unavailable`` when the engine cannot be asked.
    """
    row = lock_publication(id)
    settle = _BY_STATE.get(row.state)
    if settle is None or row.review_at > clock.now():
        return row
    with correlation.bound(row.correlation_id):
        before = row.state
        settle(row, engine())
        log.info("publication reconciled", publication_id=str(row.pk), before=before, after=row.state)
    row.review_at = clock.now() + AGAIN_AFTER
    row.save(update_fields=["review_at"])
    return row


def _is_running(row: Publication, engine: Engine) -> bool:
    return any(one.running for one in engine.instances(str(row.pk)) if one.id == row.process_id)


def _requested(row: Publication, engine: Engine) -> None:
    """The request was lost, or the process stands before its claim or ended before it."""
    if not row.process_id:
        start_process(row)
    elif _is_running(row, engine):
        _stir(row, engine)
    else:
        _fail(row, Message("The process ended before it began to publish."))
        give_back(row, actor=SYSTEM)


def _running(row: Publication, engine: Engine) -> None:
    """Older than its own timer. The undo is the process's as long as it has that timer, else ours."""
    running = _is_running(row, engine)
    if running and engine.fire_timers(row.process_id):
        return
    _fail(row, Message("The process did not bring it to an end in time."))
    if running:
        engine.cancel(row.process_id)
    give_back(row, actor=SYSTEM)


def _failing(row: Publication, engine: Engine) -> None:
    if not _is_running(row, engine):
        give_back(row, actor=SYSTEM)
    elif engine.fire_timers(row.process_id):  # cancelled, and its process was not told: no undo has begun
        _stir(row, engine)
    elif incidents := engine.incidents(row.process_id):
        failure = Failure(**(row.failure or {}))
        undo = "; ".join(f"{incident.activity}: {incident.message}" for incident in incidents)
        row.failure = replace(failure, undo=undo).as_json()
        move(row, UNDO_FAILED)
    else:
        _stir(row, engine)


def _undo_failed(row: Publication, engine: Engine) -> None:
    if _is_running(row, engine):
        _stir(row, engine)
    else:
        give_back(row, actor=SYSTEM)


def _confirmed(row: Publication, engine: Engine) -> None:
    """Only forward: what holds its locks is tried again; a process that is gone is taken up where it was."""
    running = [one.id for one in engine.instances(str(row.pk)) if one.running]
    if row.process_id not in running:
        again = running or [engine.start(PROCESS, str(row.pk), variables(row), before="release-prices")]
        row.process_id = again[0]
        row.save(update_fields=["process_id"])
    _stir(row, engine)


def _fail(row: Publication, message: str) -> None:
    row.failure = Failure(TIMEOUT, message).as_json()
    move(row, FAILING)


def _stir(row: Publication, engine: Engine) -> None:
    """What stands in the process: locks from a time when the clock was ahead end now; incidents get one more try
    each, and one that stays comes back by itself."""
    engine.free_overlong_locks(row.process_id, beyond=clock.now() + LONGEST_LOCK)
    for incident in engine.incidents(row.process_id):
        engine.retry(incident, retries=1)


_BY_STATE: dict[str, Callable[[Publication, Engine], None]] = {
    REQUESTED: _requested,
    RUNNING: _running,
    FAILING: _failing,
    UNDO_FAILED: _undo_failed,
    CONFIRMED: _confirmed,
}
