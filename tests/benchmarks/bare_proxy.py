"""The two ends that the gateway is measured between: a service that only answers, and a proxy that only proxies."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import aiohttp
from yarl import URL

from catalog_services.gateway.edge.upstream import client

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
BODY = b'{"items": [' + b'"1.50 EUR", ' * 120 + b'"1.50 EUR"]}'
HEAD = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=2, sock_connect=2, sock_read=30)
_session: aiohttp.ClientSession | None = None


async def service(scope: Scope, receive: Any, send: Send) -> None:
    """1.5 kB of JSON for every request."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEAD})
        await send({"type": "http.response.body", "body": BODY})


async def proxy(scope: Scope, receive: Any, send: Send) -> None:
    """The least a streaming ASGI proxy can do, with the gateway's client: nothing kept out, told or limited."""
    global _session
    if scope["type"] != "http":
        return
    if _session is None:
        _session = client()
    query = scope["query_string"].decode()
    target = f"{os.environ['PRICING_URL']}{scope['raw_path'].decode()}{'?' + query if query else ''}"
    headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
    async with _session.request(
        scope["method"], URL(target, encoded=True), headers=headers, allow_redirects=False, timeout=TIMEOUT
    ) as answer:
        head = [(name.lower(), value) for name, value in answer.raw_headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        more = True
        while more:
            chunk = await answer.content.readany()
            more = not answer.content.at_eof()
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
