"""Django's error pages as problem documents."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from apps.core import problems
from apps.core.errors import Forbidden, NotFound, SuiteError
from apps.core.middleware import problem_response


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem_response(NotFound("No service of the suite has this path."), request)


def forbidden(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem_response(Forbidden(), request)


def server_error(request: HttpRequest) -> JsonResponse:
    return problem_response(SuiteError(), request)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """What Django itself refuses, such as a Host that is not ours."""
    body = problems.plain(400, "Bad Request", "The request was refused.", instance=request.path)
    return JsonResponse(body, status=400, content_type=problems.CONTENT_TYPE)
