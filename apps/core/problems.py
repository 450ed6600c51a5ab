"""RFC 9457 problem documents, the one shape of every error that leaves the suite."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from apps.core import correlation
from apps.core.errors import SuiteError

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "https://catalog-suite.example/problems/"


def document(error: SuiteError, *, instance: str) -> dict[str, Any]:
    """``type, title, status, detail, instance, errors, correlation_id`` for an error; never a stack trace."""
    return {
        "type": f"{TYPE_BASE}{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "errors": error.errors,
        "correlation_id": correlation.current(),
        **error.extra,
    }


def plain(status: int, title: str, detail: str, *, instance: str) -> dict[str, Any]:
    """A problem for a bare HTTP status that no typed error stands for (404 of a router, 405, 406, 415)."""
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "errors": {},
        "correlation_id": correlation.current(),
    }


def headers(error: SuiteError) -> dict[str, str]:
    """What a status says in headers: how to authenticate (401), when to come back (429, 503; ``retry_after``)."""
    if error.status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="catalog-suite"'}
    if "retry_after" in error.extra or error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(error.extra.get("retry_after", 1))}
    return {}
