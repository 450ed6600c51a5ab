"""What can go wrong at the edge beyond the suite's common errors, and how an error is sent."""

from __future__ import annotations

import json
import math

from apps.core import problems
from apps.core.errors import SuiteError
from catalog_services.gateway.edge.asgi_types import Headers, Scope, Send

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


async def send_problem(error: SuiteError, scope: Scope, send: Send, *, retry_after: float = 0) -> None:
    """Answer with a problem document; ``retry_after`` in seconds becomes ``Retry-After``.

    A request whose body was not read to its end also loses its connection.
    """
    body = json.dumps(problems.document(error, instance=scope["path"])).encode()
    headers: Headers = [
        (b"content-type", problems.CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if retry_after:
        headers.append((b"retry-after", str(max(1, math.ceil(retry_after))).encode()))
    if error.status in {400, 408, 413}:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})
