"""What Django and django-ninja leave open at the edge of the store's API."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.core import problems
from apps.core.errors import NotFound
from apps.core.middleware import problem_response

View = Callable[[HttpRequest], HttpResponse]
METHODS = "GET, HEAD"


class PlainErrorsMiddleware:
    """Errors below /api that have no problem document yet (404 of the router, 405, 400 of a bad host) get one."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_plain = problems.CONTENT_TYPE not in response.headers.get("Content-Type", "")
        if (
            response.status_code < HTTPStatus.BAD_REQUEST
            or not is_plain
            or not request.path.startswith("/api/")
        ):
            return response
        if response.status_code == HTTPStatus.NOT_FOUND:
            return problem_response(NotFound(), request)
        status = HTTPStatus(response.status_code)
        document = problems.plain(
            status, status.phrase, status.description or status.phrase, instance=request.path
        )
        headers = {"Allow": METHODS} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        return JsonResponse(document, status=status, content_type=problems.CONTENT_TYPE, headers=headers)


class HeadMiddleware:
    """HEAD is GET without the body (django-ninja serves only the methods that are declared)."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        if not response.streaming:
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response
