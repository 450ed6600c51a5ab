"""What can go wrong at the edge beyond the suite's common errors."""

from __future__ import annotations

from apps.core.errors import SuiteError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class BadRequest(SuiteError):
    """HTTP that a service must not get to see."""

    slug, title, status = "bad-request", "The request is not valid HTTP for this suite", 400


class MethodNotAllowed(SuiteError):
    """A method that no service has."""

    slug, title, status = "method-not-allowed", "This method is not allowed", 405


class SlowRequest(SuiteError):
    """The body did not arrive in time."""

    slug, title, status = "request-timeout", "The request's body did not arrive in time", 408


class BadGateway(SuiteError):
    """The service broke off: it may have done what was asked, so this is not the retry-safe 503."""

    slug, title, status = "bad-gateway", "The service broke off without a whole answer", 502


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


def retry_after(error: SuiteError, method: str) -> float:
    """Seconds after which the request may come again; 0 when we cannot say that nothing was done.

    503 was never sent to its service. What was sent and not answered (502, 504) may have been done, so
    only a method that changes nothing is told to come again.
    """
    if error.status == 503 or (error.status in {502, 504} and method in _SAFE):
        return float(getattr(error, "retry_after", 1.0))
    return float(getattr(error, "retry_after", 0.0))
