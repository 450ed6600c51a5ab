"""One structured line per request, the same in every service."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from opentelemetry import trace
from structlog import contextvars

from apps.core import correlation
from apps.observability import access, metrics
from apps.observability.logging import span_fields

_LINES = access.Lines()
_METHODS = {name: name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}


class AccessLogMiddleware:
    """Logs method, path (never the query: it may hold what a person searched), status and duration; not probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        contextvars.unbind_contextvars("actor")  # of the request that this thread had before
        response = self.get_response(request)
        if not request.path.startswith("/health"):
            span = span_fields(trace.get_current_span().get_span_context())
            _LINES.add(
                request.method or "",
                request.path,
                response.status_code,
                started,
                **_actor(),
                correlation_id=correlation.current(),
                **span,
            )
            route = request.resolver_match.route if request.resolver_match else ""
            told = metrics.REQUESTS.labels(
                _METHODS.get(request.method or "", "other"), route, response.status_code
            )
            told.observe(perf_counter() - started)
        return response


def _actor() -> dict[str, str]:
    """Who asked, if the request had a token that is ours."""
    actor = contextvars.get_contextvars().get("actor")
    return {"actor": actor} if actor else {}
