"""How the edge says that something went wrong."""

from __future__ import annotations

import json
import math

from apps.access import cookies
from apps.core import problems
from apps.core.errors import SuiteError
from catalog_services.gateway.edge.asgi_types import Headers, Scope, Send
from catalog_services.gateway.edge.error_page import error_page
from catalog_services.gateway.edge.headers import first
from config.services import is_page


async def send_error(error: SuiteError, scope: Scope, send: Send, *, retry_after: float = 0) -> None:
    """Answer with a page where a browser asked for one, else with a problem document; ``retry_after`` in seconds
    becomes ``Retry-After``.

    A request whose body was not read to its end also loses its connection. Who signs out is signed out in this
    browser whoever answers.
    """
    kind, text = _page(error, scope) if _is_for_a_person(scope) else _problem(error, scope)
    body = text.encode()
    headers: Headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if _signs_out(scope):
        headers += [(b"set-cookie", value.encode()) for value in cookies.header_values(cookies.cleared())]
    if retry_after:
        headers.append((b"retry-after", str(max(1, math.ceil(retry_after))).encode()))
    if error.status in {400, 408, 413}:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})


def _problem(error: SuiteError, scope: Scope) -> tuple[str, str]:
    """Content type and text."""
    return problems.CONTENT_TYPE, json.dumps(problems.document(error, instance=scope["path"]))


def _page(error: SuiteError, scope: Scope) -> tuple[str, str]:
    """Content type and text."""
    return "text/html; charset=utf-8", error_page(error, scope, signs_out=_signs_out(scope))


def _is_for_a_person(scope: Scope) -> bool:
    wanted = first(scope["headers"], b"accept")
    return is_page(scope["path"]) and b"text/html" in wanted and not first(scope["headers"], b"hx-request")


def _signs_out(scope: Scope) -> bool:
    path = scope["path"]
    return scope["method"] == "POST" and path.startswith("/admin/") and path.endswith("/logout/")
