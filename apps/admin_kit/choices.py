"""What a form chooses from: found by typing, over this service's own rows and its replicas, never a giant dropdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext

from apps.admin_kit import navigation
from apps.core.ids import parsed
from apps.core.numbers import whole

PAGE = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Rows to choose from. ``rows`` have a ``name`` that is searched and ordered by; ``key`` is the field with the id
    that is kept, ``label`` what a person reads, ``screen`` the registry's path of the screen that has them,
    ``offered`` those of them that can still be chosen (all when None)."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    label: Callable[[Any], str] = str
    key: str = "pk"
    screen: str = ""
    offered: Callable[[], QuerySet[Any]] | None = None

    def found(self, term: str, *, page: int) -> tuple[list[dict[str, str]], bool]:
        """One page of ``{"id", "text"}`` for what is typed, and whether there are more."""
        rows = (self.offered or self.rows)()
        rows = rows.filter(name__icontains=term) if term else rows
        start = (page - 1) * PAGE
        some = list(rows.order_by("name", "pk")[start : start + PAGE + 1])
        return [self._shown(row) for row in some[:PAGE]], len(some) > PAGE

    def named(self, ids: Iterable[object]) -> dict[str, str]:
        """The label of each id that is known; what is no UUID is known to nobody."""
        wanted = [found for id_ in ids if (found := parsed(id_))]
        rows = self.rows().filter(**{f"{self.key}__in": wanted}) if wanted else ()
        return {shown["id"]: shown["text"] for shown in map(self._shown, rows)}

    def link(self, id_: object) -> str:
        """Where a row is looked at and edited; empty without a screen."""
        found = (
            f"{navigation.link(service, screen)}{id_}/change/"
            for service, screen in navigation.screens()
            if screen.path == self.screen
        )
        return next(found, "")

    def _shown(self, row: Any) -> dict[str, str]:
        return {"id": str(getattr(row, self.key)), "text": self.label(row)}


_sources: dict[str, Source] = {}


def register(source: Source) -> Source:
    _sources[source.name] = source
    return source


def choices_view(request: HttpRequest, name: str) -> JsonResponse:
    """What select2 asks for while somebody types (``term``, ``page``)."""
    if name not in _sources:
        raise Http404(gettext("Nothing is chosen from %(name)s.") % {"name": name})
    page = request.GET.get("page", "1")
    found, more = _sources[name].found(
        request.GET.get("term", "").replace("\0", "").strip(), page=whole(page) or 1
    )
    return JsonResponse({"results": found, "pagination": {"more": more}})


def url_of(source: Source) -> str:
    """Where the widget asks."""
    return reverse(f"{admin.site.name}:choices", args=[source.name])
