"""The panel above an offering's form: what it still needs, how its publication goes, and what can be done now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from apps.admin_kit.consoles import process_url, traces_url
from apps.admin_kit.htmx import STOP_POLLING
from apps.admin_kit.names import STEP_NAMES
from apps.admin_kit.wording import said
from apps.core import clock
from apps.core.errors import Conflict, SuiteError, Unavailable
from apps.core.ids import parsed
from apps.core.messages import Message
from apps.core.numbers import whole
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_update import to_domain
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_record_steps import publication_record_steps
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.admin import schedule
from catalog_services.offering.domain.lifecycle import DRAFT, PUBLISHED, PUBLISHING
from catalog_services.offering.domain.publication import OPEN, REQUESTED, RUNNING
from catalog_services.offering.domain.steps import Step, timeline
from catalog_services.offering.models import Offering, Publication
from catalog_services.offering.selectors.publication import incidents_of

TEMPLATE = "offering/panel.html"


def panel_view(request: HttpRequest, id_: UUID, *, may_change: bool) -> HttpResponse:
    """GET: the panel as it is now; POST ``do``: publish, cancel, retry or schedule, then back to the form."""
    offering = get_object_or_404(Offering, pk=id_)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        return _do(request, offering)
    shown = context(offering, may_change=may_change)
    seen = request.GET.get("status")
    response = render(request, TEMPLATE, {**shown, "offering": offering})
    if seen and seen != offering.lifecycle_status:
        response["HX-Refresh"] = "true"  # the form is another now: read-only, or open again
    elif not shown["live"]:
        response.status_code = STOP_POLLING
    return response


def context(offering: Offering, *, may_change: bool) -> dict[str, Any]:
    """What the panel shows of an offering."""
    shown = told(_latest(offering))
    publication, status = shown["publication"], offering.lifecycle_status
    missing = to_domain(offering).missing_to_publish() if status == DRAFT else {}
    return {
        **shown,
        "status": status,
        "missing": [(field, text) for field, texts in missing.items() for text in map(said, texts)],
        "live": status == PUBLISHING or bool(publication and not publication.steps_final),
        "may_edit": may_change and status == DRAFT,
        "may_publish": may_change and status == DRAFT and not missing,
        "may_retire": may_change and status == PUBLISHED,
        "may_cancel": may_change and publication is not None and publication.state in {REQUESTED, RUNNING},
        "may_retry": may_change and shown["stands"],
        **schedule.context(offering, may_change=may_change),
    }


def _latest(offering: Offering) -> Publication | None:
    return Publication.objects.filter(offering=offering).order_by("-created_at").first()


def told(publication: Publication | None) -> dict[str, Any]:
    """What is shown of a publication wherever it is looked at: its steps, whether it stands, and who knows more."""
    if publication is None:
        return {"publication": None, "steps": [], "stands": False}
    publication = _fresh(publication)
    stands = _stands(publication)
    return {
        "publication": publication,
        "steps": _lines(publication, stands=stands),
        "stands": stands,
        "process_url": _process_url(publication),
        "trace_url": traces_url(publication.correlation_id),
    }


def _process_url(publication: Publication) -> str:
    """Empty once it has ended: the engine's console knows running processes only."""
    is_there = publication.process_id and publication.state in OPEN
    return process_url(publication.process_id) if is_there else ""


def _stands(publication: Publication) -> bool:
    """Whether it waits for somebody: what fails is tried again by itself until it is an incident."""
    is_failing = any(step["state"] == "failing" for step in publication.steps)
    try:
        return publication.state in OPEN and is_failing and bool(incidents_of(publication))
    except Unavailable:
        return False


def _lines(publication: Publication, *, stands: bool) -> list[dict[str, Any]]:
    """The timeline in words."""
    found = timeline(publication.steps, state=publication.state)
    return [
        {
            "name": step.name,
            "label": STEP_NAMES[step.name],
            "state": step.state,
            "word": _STANDS if stands and step.state == "failing" else _WORDS[step.state],
            "started": step.started,
            "seconds": _seconds(step),
            "is_open": step.ended is None,
            "error": step.error,
        }
        for step in found
    ]


def _seconds(step: Step) -> float | None:
    """How long it took, or takes until now; None before it has begun."""
    if not step.started:
        return None
    until = datetime.fromisoformat(step.ended) if step.ended else clock.now()
    return max(0.0, (until - datetime.fromisoformat(step.started)).total_seconds())


_WORDS = {
    "waiting": _("waiting"),
    "running": _("running"),
    "failing": _("failing, tried again"),
    "completed": _("done"),
    "undone": _("undone"),
    "refused": _("refused"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
}
_STANDS = _("failing, not tried again by itself any more")


def _fresh(publication: Publication) -> Publication:
    """With its steps as the engine tells them now; as they were recorded last when it does not answer."""
    if publication.steps_final:
        return publication
    try:
        return publication_record_steps(id=publication.pk)
    except Unavailable:
        return publication


def _do(request: HttpRequest, offering: Offering) -> HttpResponse:
    actor = request.user.actor  # type: ignore[union-attr]
    seen = request.POST.get("version", "")
    acts: dict[str, Callable[[], object]] = {
        "publish": lambda: offering_publish(actor=actor, id=offering.pk, expected_version=whole(seen)),
        "cancel": lambda: publication_cancel(actor=actor, id=_seen(request, offering)),
        "retry": lambda: publication_retry(actor=actor, id=_seen(request, offering)),
        "schedule": lambda: schedule.schedule(request, offering),
    }
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        messages.error(request, _("There is no such action."))
        return HttpResponseRedirect("../change/")
    try:
        act()
    except SuiteError as error:
        messages.error(request, said(error.detail))
    return HttpResponseRedirect("../change/")


def _seen(request: HttpRequest, offering: Offering) -> UUID:
    """The publication that the page showed, which a later one does not take the place of. Raises ``Conflict``."""
    id_ = parsed(request.POST.get("publication"))
    if id_ is None or not Publication.objects.filter(offering=offering, pk=id_).exists():
        raise Conflict(Message("There is no publication of this offering."))
    return id_
