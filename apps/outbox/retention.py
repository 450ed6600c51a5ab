"""What is forgotten, and after how many days: one entry for each sort of rows that would grow for ever.

A relay looks every hour; ``manage.py <service> retention`` does so at once, or only counts. An event itself is history:
it stays as long as ``HISTORY_KEEP_DAYS`` says, for ever when that is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from apps.core import clock
from apps.outbox.models import Delivery, InboxRecord, OutboxEvent
from config.services import SERVICES

BATCH = 1000
HISTORY = "events, which are the history"
Older = Callable[[datetime], QuerySet[Any]]
_entries: dict[str, Retention] = {}


@dataclass(frozen=True, slots=True)
class Retention:
    """Rows of one sort. ``what`` names them for people; ``setting`` says how many days they are kept (0: for ever),
    ``times`` as many in fact; ``older`` gives those from before a moment; ``guard`` is the trigger that refuses to
    everybody else to remove them."""

    what: str
    setting: str
    older: Older
    times: int = 1
    guard: str = ""

    @property
    def days(self) -> int:
        """0: for ever."""
        return self.times * int(getattr(settings, self.setting))

    def rows(self) -> QuerySet[Any]:
        """What is to be forgotten by now. Ask only where ``days`` is not 0."""
        return self.older(clock.now() - timedelta(days=self.days))

    def forget(self, say: Callable[[int], object] = lambda _: None) -> int:
        """Delete them in short transactions, so that nobody waits for a clean-up; gives how many. ``say`` is told how
        many are gone after each."""
        if not self.days:
            return 0
        rows, total = self.rows(), 0
        with ExitStack() as stack:
            if self.guard:
                stack.enter_context(pgtrigger.ignore(self.guard))
            while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
                rows.filter(pk__in=ids).delete()
                total += len(ids)
                say(total)
        return total


def forgets(what: str, *, setting: str, times: int = 1, guard: str = "") -> Callable[[Older], Older]:
    """Declare that what the decorated function gives, rows from before a moment, is forgotten; see ``Retention``."""

    def declare(older: Older) -> Older:
        _entries[what] = Retention(what, setting, older, times, guard)
        return older

    return declare


def entries() -> Iterable[Retention]:
    """All that this service forgets, in the order in which it may."""
    return _entries.values()


def forget_old() -> int:
    """Delete whatever is old enough; gives how many rows."""
    return sum(one.forget() for one in entries())


def forget_history() -> int:
    """``forget_old`` of the history alone: for who has no relay, and nothing else that grows."""
    return _entries[HISTORY].forget()


@forgets("proofs that an event was applied here", setting="OUTBOX_KEEP_DAYS", times=2)
def old_proofs(before: datetime) -> QuerySet[InboxRecord]:
    """A proof outlives the delivery, so none that comes again is applied again."""
    return InboxRecord.objects.filter(applied_at__lt=before)


@forgets("settled deliveries", setting="OUTBOX_KEEP_DAYS")
def old_deliveries(before: datetime) -> QuerySet[Delivery]:
    """What a subscriber was not delivered, and its dead letters, stay, however old, and so do their events."""
    return Delivery.objects.filter(state=Delivery.State.DONE, settled_at__lt=before)


@forgets("deliveries to services that are no subscribers any more", setting="OUTBOX_KEEP_DAYS")
def orphaned_deliveries(before: datetime) -> QuerySet[Delivery]:
    """Nobody sends them. Not at once: during an upgrade an old relay does not know a new subscriber."""
    return Delivery.objects.exclude(subscriber__in=_subscribers()).filter(event__created_at__lt=before)


@forgets(HISTORY, setting="HISTORY_KEEP_DAYS", guard="outbox.OutboxEvent:kept")
def old_events(before: datetime) -> QuerySet[OutboxEvent]:
    """The only way by which history is removed."""
    told = Delivery.objects.filter(event=OuterRef("pk"), subscriber__in=_subscribers())
    unsettled = told.exclude(state=Delivery.State.DONE)
    return OutboxEvent.objects.filter(~Exists(unsettled), created_at__lt=before)


def _subscribers() -> tuple[str, ...]:
    return SERVICES[settings.SERVICE_NAME].subscribers
