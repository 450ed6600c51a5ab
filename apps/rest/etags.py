"""Optimistic concurrency over HTTP: an aggregate's ``version`` is its ETag (RFC 9110, 8.8.3 and 13.1.1)."""

from __future__ import annotations

from rest_framework.request import Request

from apps.core.errors import ValidationFailed


def etag(version: int) -> str:
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version named by ``If-Match``; None when there is no such header or it is ``*``."""
    given = request.headers.get("If-Match", "").strip()
    if given in {"", "*"}:
        return None
    number = given.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        message = 'Must be a version as in the ETag, for example "3".'
        raise ValidationFailed(message, errors={"If-Match": [message]})
    return int(number)
