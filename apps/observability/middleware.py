"""One structured line per request, the same in every service."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("access")


class AccessLogMiddleware:
    """Logs method, path (never the query: it may hold what a person searched), status and duration; not probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        response = self.get_response(request)
        if not request.path.startswith("/health"):
            write(request.method or "", request.path, response.status_code, started)
        return response


def write(method: str, path: str, status: int, started: float) -> None:
    """The access line; ``started`` is a ``perf_counter`` value."""
    log.info(
        "request",
        **{"http.request.method": method, "url.path": path, "http.response.status_code": status},
        duration_ms=round((perf_counter() - started) * 1000, 2),
    )
