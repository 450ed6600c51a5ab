"""One structured line per request, the same in every service."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from apps.observability import access


class AccessLogMiddleware:
    """Logs method, path (never the query: it may hold what a person searched), status and duration; not probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        response = self.get_response(request)
        if not request.path.startswith("/health"):
            access.write(request.method or "", request.path, response.status_code, started)
        return response
