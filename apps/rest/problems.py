"""Every error of a DRF view as an RFC 9457 problem document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError
from django.http import Http404
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.core import errors, outages, problems

log = structlog.get_logger(__name__)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: typed errors by their table, DRF's own by their status; anything else is re-raised."""
    set_rollback()
    path = context["request"].path
    headers: dict[str, str] = {}
    error = _translate(exc)
    if error is not None:
        body = problems.document(error, instance=path)
        headers = problems.headers(error)
    elif isinstance(exc, exceptions.APIException):
        title = HTTPStatus(exc.status_code).phrase
        body = problems.plain(exc.status_code, title, _text(exc.detail), instance=path)
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
    else:
        return None
    if body["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("unavailable", detail=body["detail"])
    return Response(body, status=body["status"], headers=headers, content_type=problems.CONTENT_TYPE)


def _translate(exc: Exception) -> errors.SuiteError | None:
    match exc:
        case errors.SuiteError():
            return exc
        case exceptions.ValidationError():
            return refusal(exc)
        case Http404() | exceptions.NotFound():
            return errors.NotFound()
        case PermissionDenied() | exceptions.PermissionDenied():
            return errors.Forbidden()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return errors.Unauthenticated(_text(exc.detail))
        case RequestDataTooBig():
            return errors.PayloadTooLarge()
        case IntegrityError(__cause__=ForeignKeyViolation() | UniqueViolation()):
            return errors.Conflict(
                "Somebody changed what it refers to at the same time: read it again and repeat."
            )
        case DataError():
            return errors.ValidationFailed("A value is out of the range that can be stored.")
        case DatabaseError() | InterfaceError() if outages.passes(exc):
            return errors.Unavailable("The database does not answer, or takes no writes just now.")
    return None


def refusal(error: exceptions.ValidationError) -> errors.ValidationFailed:
    """What DRF refuses, as the actions refuse it."""
    found = flatten(error.detail)
    return errors.ValidationFailed(errors.summary(found), errors=found)


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as ``{"values.0.value": ["..."]}``."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            name = (
                prefix if key == "non_field_errors" and prefix else f"{prefix}.{key}" if prefix else str(key)
            )
            for field, messages in flatten(value, name).items():
                found.setdefault(field, []).extend(messages)
        return found
    if isinstance(detail, list):
        if all(not isinstance(item, dict | list) for item in detail):
            return {prefix or "body": [str(item) for item in detail]} if detail else {}
        nested: dict[str, list[str]] = {}
        for index, item in enumerate(detail):
            nested.update(flatten(item, f"{prefix}.{index}" if prefix else str(index)))
        return nested
    return {prefix or "body": [str(detail)]}


def _text(detail: Any) -> str:
    return "; ".join(message for messages in flatten(detail).values() for message in messages)
