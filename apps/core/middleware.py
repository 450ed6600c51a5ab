"""Django middleware at the outermost edge of every service."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from apps.core import correlation, problems
from apps.core.errors import NotFound, SuiteError
from apps.core.paths import shown
from apps.core.requests import is_refused
from config.services import is_page

log = structlog.get_logger(__name__)
_DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)
"""What Django makes a page of 404, 403 or 400 of, and ``ProblemMiddleware`` a problem of that."""
_NOT_READ = "The Content-Type cannot be read, or has a charset that is not taken here: send UTF-8."


class CorrelationMiddleware:
    """Takes or makes the correlation id, binds it for the request and returns it in the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        correlation_id = correlation.accept(request.META.get(correlation.META))
        with correlation.bound(correlation_id):
            response = self.get_response(request)
        response[correlation.HEADER] = correlation_id
        return response


class ProblemMiddleware:
    """Turns what escapes a view that is no person's page, and Django's own error pages (an unknown path), into problem
    documents; a trace goes to the log only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_refused(request):
            return _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _NOT_READ, request)
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or is_page(request.path):
            return response
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        if response.status_code == HTTPStatus.NOT_FOUND:
            return problem_response(NotFound(), request)
        status = HTTPStatus(response.status_code)
        return _plain(status, status.phrase, request, allow=response.get("Allow", ""))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, SuiteError):
            return problem_response(exception, request)
        if is_page(request.path) or isinstance(exception, _DJANGOS_OWN):
            return None
        log.exception("unhandled", path=shown(request.path))
        return problem_response(SuiteError(), request)


def problem_response(error: SuiteError, request: HttpRequest) -> JsonResponse:
    """An error as an ``application/problem+json`` response."""
    return JsonResponse(
        problems.document(error, instance=request.path),
        status=error.status,
        content_type=problems.CONTENT_TYPE,
        headers=problems.headers(error),
    )


def _plain(status: HTTPStatus, detail: str, request: HttpRequest, *, allow: str = "") -> JsonResponse:
    body = problems.plain(status, status.phrase, detail, instance=request.path)
    headers = {"Allow": allow} if allow else {}
    return JsonResponse(body, status=status, content_type=problems.CONTENT_TYPE, headers=headers)
