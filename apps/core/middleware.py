"""Django middleware at the outermost edge of every service."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.core import correlation, problems
from apps.core.errors import SuiteError

log = structlog.get_logger(__name__)


class CorrelationMiddleware:
    """Takes or makes the correlation id, binds it for the request and returns it in the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        correlation_id = correlation.accept(request.headers.get(correlation.HEADER))
        with (
            correlation.bound(correlation_id),
            structlog.contextvars.bound_contextvars(correlation_id=correlation_id),
        ):
            response = self.get_response(request)
        response[correlation.HEADER] = correlation_id
        return response


class ProblemMiddleware:
    """Turns what escapes a view outside /admin into a problem document; the trace goes to the log only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, SuiteError):
            return problem_response(exception, request)
        if request.path.startswith("/admin"):
            return None
        log.exception("unhandled", path=request.path)
        return problem_response(SuiteError(), request)


def problem_response(error: SuiteError, request: HttpRequest) -> JsonResponse:
    """An error as an ``application/problem+json`` response."""
    return JsonResponse(
        problems.document(error, instance=request.path),
        status=error.status,
        content_type=problems.CONTENT_TYPE,
        headers=problems.headers(error),
    )
