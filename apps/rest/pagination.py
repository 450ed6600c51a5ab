"""Lists are JSON arrays; counts and neighbours travel in headers (TMF630 query conventions)."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.counting import count_of
from apps.core.errors import ValidationFailed

MAX_OFFSET = 1_000_000
ESTIMATED = "count=estimated"
DEEP = 1_000
"""Rows before a page from which on their keys alone are skipped, and not all that a row is made of."""


class HeaderPagination(LimitOffsetPagination):
    """``limit`` (1 to 200, default 50), ``offset``; ``X-Total-Count``, ``X-Result-Count`` and ``Link``.

    ``Prefer: count=estimated`` (RFC 7240) gives up an exact total of very many rows for a quick answer.
    """

    default_limit = 50
    max_limit = 200

    def get_limit(self, request: Request) -> int:
        return _whole_number(request, "limit", low=1, high=self.max_limit, default=self.default_limit)

    def get_offset(self, request: Request) -> int:
        return _whole_number(request, "offset", low=0, high=MAX_OFFSET, default=0)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One row more than the page has is read, and says whether it is the last: an estimate cannot."""
        self.request, self.limit, self.offset = request, self.get_limit(request), self.get_offset(request)
        self.count = self.get_count(queryset)
        rows = _rows(queryset, self.offset, self.offset + self.limit + 1)
        seen = self.offset + len(rows)
        if len(rows) > self.limit:
            self.count = max(self.count, seen)
        else:
            self.count = seen if rows else min(self.count, self.offset)
        return rows[: self.limit]

    def get_count(self, queryset: Any) -> int:
        return count_of(queryset) if self._may_estimate else super().get_count(queryset)

    @property
    def _may_estimate(self) -> bool:
        preferences = self.request.headers.get("Prefer", "").split(",")  # type: ignore[union-attr]
        return ESTIMATED in {preference.strip().lower() for preference in preferences}

    def get_paginated_response(self, data: Any) -> Response:
        headers = {"X-Total-Count": f"{self.count:d}", "X-Result-Count": str(len(data))}
        if self._may_estimate:
            headers["Preference-Applied"] = ESTIMATED
        links = {"next": self.get_next_link(), "prev": self.get_previous_link()}
        if parts := [f'<{url}>; rel="{name}"' for name, url in links.items() if url]:
            headers["Link"] = ", ".join(parts)
        return Response(data, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema


def _rows(queryset: Any, start: int, end: int) -> list[Any]:
    if start < DEEP:
        return list(queryset[start:end])
    keys = list(queryset.values_list("pk", flat=True)[start:end])
    rows = {row.pk: row for row in queryset.filter(pk__in=keys)}
    return [rows[key] for key in keys if key in rows]


def _whole_number(request: Request, name: str, *, low: int, high: int, default: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and low <= int(given) <= high):
        message = f"Must be a whole number from {low} to {high}."
        raise ValidationFailed(f"{name}: {message}", errors={name: [message]})
    return int(given)
