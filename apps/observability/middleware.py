"""One structured line per request, the same in every service."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

_log = logging.getLogger("access")


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
    """The access line; ``started`` is a ``perf_counter`` value.

    The record is made by hand: no processors to run, no caller to look up, for the line that every request writes.
    """
    if _log.isEnabledFor(logging.INFO):
        said = {
            "event": "request",
            "http.request.method": method,
            "url.path": path,
            "http.response.status_code": status,
            "duration_ms": round((perf_counter() - started) * 1000, 2),
        }
        _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, said, (), None))
