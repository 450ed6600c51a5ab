"""Who holds a price, as a person reads it: which offering is being published, asked for by whom and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from apps.admin_kit.neighbours import Question, ask

OFFERING = "/admin/offering/offering/offering/{id}/change/"


@dataclass(frozen=True, slots=True)
class Holder:
    """A publication that holds a price, as the offering service tells of it."""

    offering: str
    url: str
    by: str
    since: datetime


def holders(request: HttpRequest, publications: Iterable[object]) -> Mapping[str, Holder]:
    """By publication id; one that cannot be asked about is missing. Asked once a request, at most."""
    known: dict[str, Holder | None] = request.__dict__.setdefault("holders", {})
    wanted = [str(id_) for id_ in publications]
    unknown = [id_ for id_ in wanted if id_ not in known]
    known.update({**dict.fromkeys(unknown), **_asked(request, unknown)})
    return {id_: holder for id_ in wanted if (holder := known[id_])}


def _asked(request: HttpRequest, ids: Iterable[str]) -> dict[str, Holder]:
    publications = _answers(request, {id_: f"/api/v1/publications/{id_}" for id_ in ids})
    offerings = _answers(
        request, {id_: f"/api/v1/offerings/{one['offering_id']}" for id_, one in publications.items()}
    )
    return {
        id_: Holder(
            offering=offering["name"],
            url=OFFERING.format(id=offering["id"]),
            by=publications[id_]["requested_by"],
            since=datetime.fromisoformat(publications[id_]["created_at"]),
        )
        for id_, offering in offerings.items()
    }


def _answers(request: HttpRequest, paths: Mapping[str, str]) -> dict[str, Any]:
    found = ask(request, {id_: Question("offering", path) for id_, path in paths.items()})
    return {id_: answer.body for id_, answer in found.items() if answer}


def told(request: HttpRequest, publications: Iterable[object]) -> str:
    """Why a price is locked, with links; without names when nobody can be asked for them."""
    found = holders(request, publications).values()
    if not found:
        return _("It is locked by a publication; by which one cannot be asked just now.")
    shown = format_html_join("; ", '<a class="underline" href="{}">{}</a> ({})', map(_shown, found))
    return format_html(_("It is locked while this is being published: {offerings}"), offerings=shown)


def _shown(holder: Holder) -> tuple[str, str, str]:
    since = date_format(holder.since, "SHORT_DATETIME_FORMAT")
    return holder.url, holder.offering, _("{by}, since {since}").format(by=holder.by, since=since)
