"""The panel's part about later: what is scheduled for an offering, and the forms that schedule more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from catalog_services.offering.actions.offering_schedule import offering_schedule
from catalog_services.offering.domain.scheduled_change import KINDS, OPEN, PENDING, PUBLISH, schedulable
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.scheduled_change import scheduled_changes


class _ScheduleForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS])
    at = forms.DateTimeField()


def context(offering: Offering, *, may_change: bool) -> dict[str, Any]:
    """What ``offering/schedule.html`` shows: what is open, and the kinds that can be scheduled now."""
    rows = list(scheduled_changes().filter(offering=offering, state__in=OPEN))
    pending = {row.kind for row in rows if row.state == PENDING}
    return {
        "scheduled": rows,
        "may_schedule": schedulable(offering.lifecycle_status, pending) if may_change else [],
        "may_change_scheduled": may_change,
        "soonest": clock.now() + timedelta(minutes=1),
    }


def schedule(request: HttpRequest, offering: Offering) -> None:
    """What the form asks for, in the panel's time zone. Raises what ``offering_schedule`` does."""
    form = _ScheduleForm(request.POST)
    if not form.is_valid():
        message = Message("Choose a date and a time.")
        raise ValidationFailed(message, errors={"at": [message]})
    actor = request.user.actor  # type: ignore[union-attr]
    row = offering_schedule(actor=actor, id=offering.pk, **form.cleaned_data)
    words = _("Will be published on %(at)s.") if row.kind == PUBLISH else _("Will be retired on %(at)s.")
    messages.success(request, words % {"at": date_format(row.at, "SHORT_DATETIME_FORMAT")})
