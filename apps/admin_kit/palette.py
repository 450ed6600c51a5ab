"""The one search (Ctrl-K): screens by their names, and every service's rows by what its REST search finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext
from unfold.dataclasses import SearchResult

from apps.admin_kit import navigation
from apps.admin_kit.neighbours import Question, ask
from apps.admin_kit.recognising import word

PER_SCREEN = 5
LEAST = 2
"""Letters that a search of rows begins with."""


def found(request: HttpRequest, term: str) -> list[SearchResult]:
    """Screens first, then rows, screen by screen; a service that does not answer is said."""
    seen = list(navigation.seen(request))
    results = [
        SearchResult(
            gettext(screen.title), gettext(screen.section), navigation.link(service, screen), screen.icon
        )
        for service, screen in seen
        if term.casefold() in gettext(screen.title).casefold()
    ]
    if len(term) < LEAST:
        return results
    asked = {
        screen: Question(service.name, screen.api, {"search": term, "limit": PER_SCREEN})
        for service, screen in seen
        if screen.api
    }
    answers = ask(request, asked)
    for service, screen in seen:
        if screen not in asked:
            continue
        link, title = navigation.link(service, screen), gettext(screen.title)
        if (answer := answers[screen]) is None:
            results.append(SearchResult(title, gettext("does not answer, search again"), link, "cloud_off"))
            continue
        results += [
            SearchResult(_name(row), _kind(title, row), f"{link}{row['id']}/change/", screen.icon)
            for row in answer.body
        ]
        if answer.total > len(answer.body):
            more = gettext("%(count)s in all") % {
                "count": number_format(answer.total, use_l10n=True, force_grouping=True)
            }
            results.append(
                SearchResult(f"{title}: {term}", more, f"{link}?{urlencode({'q': term})}", "more_horiz")
            )
    return results


def _name(row: Mapping[str, Any]) -> str:
    """What a row of any collection is called."""
    if "terms" in row:
        return ", ".join(row["terms"])
    return str(next(row[key] for key in ("name", "username", "offering_name", "id") if row.get(key)))


def _kind(title: str, row: Mapping[str, Any]) -> str:
    """Of which screen it is, and in which state, where it has one."""
    state = row.get("lifecycle_status") or row.get("state")
    return f"{title}: {word(state)}" if state else title
