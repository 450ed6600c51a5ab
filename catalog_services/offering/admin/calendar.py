"""The calendar: what is scheduled for offerings, and the prices that begin and end, month by month."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from apps.admin_kit.neighbours import Answer, Question, ask
from apps.core import clock
from catalog_services.offering.admin import sources
from catalog_services.offering.domain.publication import FAILED as PUBLICATION_FAILED
from catalog_services.offering.domain.publication import WON
from catalog_services.offering.domain.scheduled_change import CANCELLED, FAILED, OPEN, PENDING, PUBLISH
from catalog_services.offering.models import ScheduledChange
from catalog_services.offering.selectors.scheduled_change import scheduled_changes

LISTED = 200
"""Of a kind in a month, and as many as a list of the REST API has at most."""

IN_A_CELL = 4
YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something at a moment. ``tone`` is a label's colour. ``change_id`` names a scheduled change; one that is
    open can be cancelled, one that has failed tried again."""

    at: datetime
    what: str
    name: str
    link: str
    tone: str = ""
    note: str = ""
    change_id: UUID | None = None
    is_open: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the grid or the agenda; ``more`` are those that its cell has no room for."""

    date: date
    entries: list[Entry]
    is_today: bool
    in_month: bool

    @property
    def shown(self) -> list[Entry]:
        return self.entries[:IN_A_CELL]

    @property
    def more(self) -> int:
        return max(0, len(self.entries) - IN_A_CELL)


def context(request: HttpRequest) -> dict[str, Any]:
    """For ``offering/calendar.html``: the month that ``?month=2030-05`` names, this one when it names none."""
    today = clock.now().date()
    month = _month(request.GET.get("month", "")) or today.replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    start, end = _midnight(weeks[0][0]), _midnight(weeks[-1][-1] + timedelta(days=1))
    prices, left_out = _prices(request, start, end)
    changes = scheduled_changes().filter(at__gte=start, at__lt=end).exclude(state=CANCELLED)
    by_day = _by_day([*(entry_of(row) for row in changes[:LISTED]), *(prices or ())])
    if (total := changes.count()) > LISTED:
        left_out.append(_("%(more)s scheduled changes") % {"more": total - LISTED})
    grid = [[Day(d, by_day[d], d == today, d.month == month.month) for d in week] for week in weeks]
    return {
        "view": "agenda" if request.GET.get("view") == "agenda" else "month",
        "month": month,
        "before": _shifted(month, -1),
        "after": _shifted(month, 1),
        "weekdays": list(WEEKDAYS.values()),
        "weeks": grid,
        "agenda": [day for week in grid for day in week if day.in_month and day.entries],
        "failed": [entry_of(row) for row in scheduled_changes().filter(state=FAILED)[:LISTED]],
        "pricing_answers": prices is not None,
        "left_out": left_out,
    }


def entry_of(row: ScheduledChange) -> Entry:
    """A scheduled change in words: what is to come, what was done, what was not."""
    what, tone, note = _words(row)
    return Entry(
        at=row.at,
        what=what,
        name=row.offering.name,
        link=sources.OFFERINGS.link(row.offering_id),
        tone=tone,
        note=note,
        change_id=row.pk,
        is_open=row.state in OPEN,
        failed=row.state == FAILED,
    )


def _words(row: ScheduledChange) -> tuple[str, str, str]:
    """What to call it, in which tone, and what there is to say. That a publication was started is no success yet."""
    publish, publication = row.kind == PUBLISH, row.publication
    if row.state == PENDING:
        by = _("Scheduled by %(name)s.") % {"name": row.scheduled_by}
        return _("To be published") if publish else _("To be retired"), "info", row.reason or by
    if row.state == FAILED:
        return _("Not published") if publish else _("Not retired"), "danger", row.reason
    if publication is None:
        return _("Retired"), "", row.reason
    if publication.state == PUBLICATION_FAILED:
        return _("Publication failed"), "danger", (publication.failure or {}).get("message", "")
    if publication.state in WON:
        return _("Published"), "success", row.reason
    return _("Being published"), "warning", row.reason


def _prices(request: HttpRequest, start: datetime, end: datetime) -> tuple[list[Entry] | None, list[str]]:
    """The prices that begin or end in a period, and how many are left out; None when pricing does not answer."""
    last = end - timedelta(microseconds=1)
    moments = {"valid_from": _("Price begins"), "valid_to": _("Price ends")}
    answers = ask(request, {field: _question(field, start, last) for field in moments})
    found: list[Entry] = []
    left_out = []
    for field, what in moments.items():
        if (answer := answers[field]) is None:
            return None, []
        found += _price_entries(answer, field, what)
        if more := answer.total - len(answer.body):
            left_out.append(f"{what}: {more}")
    return found, left_out


def _question(field: str, start: datetime, last: datetime) -> Question:
    period = {f"{field}_after": clock.iso(start), f"{field}_before": clock.iso(last)}
    return Question("pricing", "/api/v1/prices", {**period, "ordering": field, "limit": LISTED})


def _price_entries(answer: Answer, field: str, what: str) -> Iterator[Entry]:
    for price in answer.body:
        moment = datetime.fromisoformat(price[field])
        yield Entry(moment.astimezone(UTC), what, price["name"], sources.PRICES.link(price["id"]))


def _by_day(entries: Iterable[Entry]) -> defaultdict[date, list[Entry]]:
    found: defaultdict[date, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: (one.at, one.name)):
        found[entry.at.date()].append(entry)
    return found


def _month(given: str) -> date | None:
    try:
        found = datetime.strptime(given, "%Y-%m").date()  # noqa: DTZ007 (a month has no zone)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _shifted(month: date, by: int) -> date | None:
    index = month.year * 12 + month.month - 1 + by
    found = date(index // 12, index % 12 + 1, 1)
    return found if found.year in YEARS else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
