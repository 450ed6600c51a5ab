"""Beside an offering's form: what the store would show were it published as typed, without saving anything; of one that
is published what the store does show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.admin_kit.forms import ActionForm, Unsaved
from apps.admin_kit.htmx import STOP_POLLING
from apps.admin_kit.neighbours import Question, ask
from apps.admin_kit.rows import RowsField
from apps.admin_kit.wording import said
from apps.core.errors import ValidationFailed
from apps.core.writes import columns
from catalog_services.offering.domain import offering as domain
from catalog_services.offering.domain.lifecycle import DRAFT, PUBLISHED, PUBLISHING
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.store_item import store_item
from config.services import SERVICES

if TYPE_CHECKING:
    from catalog_services.offering.admin.offering import OfferingAdmin

TEMPLATE = "offering/preview.html"
SHOWN = "offering/preview_item.html"


def preview_view(model_admin: OfferingAdmin, request: HttpRequest) -> HttpResponse:
    """What is posted is the form as it stands; a field that cannot be read is said and left out."""
    form = type("Preview", (Unsaved, model_admin.get_form(request)), {})(request.POST)
    wrong = list(_wrong(form))
    typed = {name: value for name, value in form.cleaned_data.items() if name != "version_seen"}
    draft = domain.Offering(name="").changed(typed)
    try:
        draft.checked()
    except ValidationFailed as error:
        wrong += [said(text) for name, texts in error.errors.items() if name != "name" for text in texts]
    item = store_item(Offering(**columns(draft)))
    missing = [said(text) for texts in draft.missing_to_publish().values() for text in texts]
    return render(request, SHOWN, {"item": item, "wrong": wrong, "missing": missing})


def stored_view(request: HttpRequest, id_: UUID) -> HttpResponse:
    """The store's own item, as soon as it has it; until then the page goes on asking."""
    path = f"{SERVICES['store'].api_root}/offerings/{id_}"
    answer = ask(request, {"store": Question("store", path, accepted=(200, 404))})["store"]
    if answer is not None and answer.found:
        shown = {"item": answer.body, "api_url": path}
        return render(request, SHOWN, shown, status=STOP_POLLING)
    return render(request, SHOWN, {"is_silent": answer is None})


def _wrong(form: ActionForm) -> Iterator[str]:
    """What cannot be read of what is typed; that a name is still missing is shown in its place."""
    for name, texts in form.errors.items():
        field = form.fields.get(name)
        if field is None or (name == "name" and not form[name].data):
            continue
        why = _("not every row is complete.") if isinstance(field, RowsField) else " ".join(map(str, texts))
        yield f"{capfirst(str(field.label))}: {why}"


def context(row: Offering) -> dict[str, Any]:
    """What stands beside an offering's form; nothing for one that is retired."""
    if row.lifecycle_status in {DRAFT, PUBLISHING}:
        return {"item": store_item(row)}
    is_sold = row.lifecycle_status == PUBLISHED
    return {"stored_url": reverse("admin:offering_offering_stored", args=[row.pk])} if is_sold else {}
