"""Liveness (the process answers) and readiness (its own stores answer), for probes and for ``manage.py up``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock, Thread
from time import monotonic, perf_counter

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, JsonResponse
from django.urls import path

from apps.core.errors import SuiteError

LIMIT_SECONDS = 1.5
"""A part that has not answered by then is down: who asks for readiness has an answer within 2 s."""
Part = dict[str, object]
"""``{"status": "up", "ms"}`` or ``{"status": "down", "reason"}``"""
Check = Callable[[], Mapping[str, object] | None]
_checks: dict[str, Check] = {}
_optional: set[str] = set()
_one_of: dict[str, tuple[str, ...]] = {}


def register(name: str, check: Check, *, required: bool = True) -> None:
    """Add a readiness check: it returns when the part answers and raises when not, within 2 s; what it returns is told.

    A part that is not ``required`` is told about and does not decide: the service can do without it.
    """
    _checks[name] = check
    if not required:
        _optional.add(name)


def require_one_of(name: str, parts: Sequence[str]) -> None:
    """The service cannot do without all of these ``parts`` at once: told as the part ``name``, out of what each of them
    says, so that one that hangs costs the others nothing."""
    _one_of[name] = tuple(parts)


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
    parts = side_by_side(checks)
    parts |= {name: _best([parts[one] for one in among]) for name, among in _one_of.items()}
    up = all(part["status"] == "up" for name, part in parts.items() if name not in _optional)
    body = {"service": settings.SERVICE_NAME, "status": "up" if up else "down", "parts": parts}
    return JsonResponse(body, status=200 if up else 503)


def _best(parts: Sequence[Part]) -> Part:
    """The first that is up, else the last."""
    return next((part for part in parts if part["status"] == "up"), parts[-1])


def side_by_side(checks: Mapping[str, Check]) -> dict[str, Part]:
    """Every check in a thread of its own, all within ``LIMIT_SECONDS``. One that hangs is asked by one thread alone,
    however many wait for its answer."""
    until = monotonic() + LIMIT_SECONDS
    at_work = {name: _at_work(name, check) for name, check in checks.items()}
    return {name: one.answer(until - monotonic()) for name, one in at_work.items()}


class _AtWork(Thread):
    """A check at work; ends by itself when its part answers, or when the process does."""

    def __init__(self, name: str, check: Check) -> None:
        super().__init__(name=f"health of {name}", daemon=True)
        self._check = check
        self._told: Part = {"status": "down", "reason": "no answer in time"}

    def run(self) -> None:
        try:
            self._told = outcome_of(self._check)
        finally:
            connections.close_all()  # this thread's own

    def answer(self, seconds: float) -> Part:
        self.join(max(0.0, seconds))
        return self._told


_running: dict[str, _AtWork] = {}
_lock = Lock()


def _at_work(name: str, check: Check) -> _AtWork:
    """That of before, while it hangs."""
    with _lock:
        running = _running.get(name)
        if running is None or not running.is_alive():
            running = _running[name] = _AtWork(name, check)
            running.start()
        return running


def outcome_of(check: Check) -> Part:
    """What one check says, however long it takes."""
    started = perf_counter()
    try:
        told = check() or {}
    except SuiteError as error:  # said for people
        return {"status": "down", "reason": error.detail, **error.extra}
    except Exception as error:  # whatever a driver raises means: it does not answer
        return {"status": "down", "reason": type(error).__name__}
    return {"status": "up", "ms": round((perf_counter() - started) * 1000, 1), **told}


urlpatterns = [path("health/live", live), path("health/ready", ready)]
