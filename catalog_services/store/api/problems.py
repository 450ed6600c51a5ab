"""Every error as an RFC 9457 problem document that names the parameter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from apps.core.errors import SuiteError, ValidationFailed
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
