"""Every error as an RFC 9457 problem document that names the parameter."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from apps.core import problems
from apps.core.errors import NotFound, SuiteError, ValidationFailed
from apps.core.middleware import problem_response


def install(api: NinjaAPI) -> None:
    """Have an API answer errors as problems."""

    def refused(request: HttpRequest, error: Any) -> HttpResponse:
        return problem_response(error if isinstance(error, SuiteError) else _named(error), request)

    api.add_exception_handler(SuiteError, refused)
    api.add_exception_handler(ValidationError, refused)


def _named(error: ValidationError) -> ValidationFailed:
    """pydantic's errors under the names of the parameters."""
    found: dict[str, list[str]] = {}
    for one in error.errors:
        name = next((str(part) for part in one["loc"][2:] if isinstance(part, str)), str(one["loc"][-1]))
        found.setdefault(name, []).append(one["msg"].removeprefix("Value error, "))
    return ValidationFailed("; ".join(f"{k}: {' '.join(v)}" for k, v in found.items()), errors=found)


class PlainErrorsMiddleware:
    """What Django answers by itself below /api (404 of the router, 405, 400 of a bad host) becomes a problem, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
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
        plain = JsonResponse(document, status=status, content_type=problems.CONTENT_TYPE)
        if "Allow" in response.headers:
            plain["Allow"] = response.headers["Allow"]
        return plain
