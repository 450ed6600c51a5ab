"""Liveness (the process answers) and readiness (its own stores answer), for probes and for ``manage.py up``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, JsonResponse
from django.urls import path

from apps.core.errors import SuiteError

Check = Callable[[], Mapping[str, object] | None]
_checks: dict[str, Check] = {}
_optional: set[str] = set()


def register(name: str, check: Check, *, required: bool = True) -> None:
    """Add a readiness check: it returns when the part answers and raises when not, within 2 s; what it returns is told.

    A part that is not ``required`` is told about and does not decide: the service can do without it.
    """
    _checks[name] = check
    if not required:
        _optional.add(name)


def _database() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process can answer at all."""
    return JsonResponse({"service": settings.SERVICE_NAME, "status": "up"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part this service cannot do without answers, else 503; each part with its milliseconds."""
    checks = {
        **({"postgres": _database} if settings.DATABASES.get("default", {}).get("NAME") else {}),
        **_checks,
    }
    parts = {name: _run(check) for name, check in checks.items()}
    up = all(part["status"] == "up" for name, part in parts.items() if name not in _optional)
    body = {"service": settings.SERVICE_NAME, "status": "up" if up else "down", "parts": parts}
    return JsonResponse(body, status=200 if up else 503)


def _run(check: Check) -> dict[str, object]:
    started = perf_counter()
    try:
        told = check() or {}
    except SuiteError as error:  # said for people
        return {"status": "down", "reason": error.detail, **error.extra}
    except Exception as error:  # whatever a driver raises means: it does not answer
        return {"status": "down", "reason": type(error).__name__}
    return {"status": "up", "ms": round((perf_counter() - started) * 1000, 1), **told}


urlpatterns = [path("health/live", live), path("health/ready", ready)]
