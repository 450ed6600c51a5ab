"""Passing one request on to its service and the answer back, both as streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

import aiohttp
from django.conf import settings
from yarl import URL

from apps.core.errors import SuiteError, Timeout, Unavailable
from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Headers, Receive, Scope, Send
from catalog_services.gateway.edge.body import Body
from catalog_services.gateway.edge.errors import BadGateway, ClientGone
from catalog_services.gateway.edge.upstream import Upstream

# Only a request that takes this long is worth a task that watches whether its client is still there.
WATCH_AFTER_SECONDS = 0.05


class Broken(Exception):
    """The answer broke off after its head was sent: the client's connection must be closed."""


async def forward(
    client: aiohttp.ClientSession,
    upstream: Upstream,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    own_headers: Sequence[tuple[str, str]],
    dropped: Iterable[bytes] = (),
    added: Headers,
) -> int:
    """Proxy one request; returns the status sent.

    ``own_headers`` go to the service, ``added`` to the client. Raises a ``SuiteError`` when nothing
    was sent yet, ``Broken`` after that, ``ClientGone`` when nobody waits any more.
    """
    body = Body(
        scope,
        receive,
        limit=settings.GATEWAY_MAX_BODY,
        collect=settings.GATEWAY_COLLECT,
        seconds=settings.GATEWAY_BODY_TIMEOUT,
    )
    passed = headers.for_service(scope, own_headers, dropped=dropped)
    content = await body.content()
    if isinstance(content, bytes) and body.length is None:
        passed.append(("content-length", str(len(content))))
    upstream.breaker.admit()
    exchange = _Exchange(upstream, body, send, added)
    watch = _Watch(receive, body)
    try:
        return await exchange.run(client, scope["method"], _target(upstream, scope), passed, content)
    except asyncio.CancelledError:
        if watch.client_left:
            raise ClientGone from None
        raise
    finally:
        watch.stop()
        exchange.settle()


class _Exchange:
    """One request to a service and its answer; tells the breaker how it ended."""

    def __init__(self, upstream: Upstream, body: Body, send: Send, added: Headers) -> None:
        self._upstream, self._body, self._send, self._added = upstream, body, send, added
        self._answered = False
        self._blamed = False

    async def run(
        self,
        client: aiohttp.ClientSession,
        method: str,
        url: URL,
        passed: list[tuple[str, str]],
        content: bytes | AsyncIterator[bytes] | None,
    ) -> int:
        try:
            async with client.request(
                method,
                url,
                headers=passed,
                data=content,
                allow_redirects=False,
                timeout=self._upstream.timeout,
            ) as answer:
                await self._pass_on(answer)
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, SuiteError, ClientGone) as error:
            raise self._translated(error) from error

    async def _pass_on(self, answer: aiohttp.ClientResponse) -> None:
        start = {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [*headers.for_client(answer.raw_headers), *self._added],
        }
        self._answered = True
        await self._send(start)
        content, more = answer.content, True
        while more:
            chunk = await content.readany()
            more = not content.at_eof()
            await self._send({"type": "http.response.body", "body": chunk, "more_body": more})

    def _translated(self, error: Exception) -> Exception:
        """The error as the client shall see it; the body's own problem comes first, it caused the rest."""
        name = self._upstream.name
        found: Exception
        if self._body.problem is not None:
            found = self._body.problem
        elif isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
            self._blamed = True
            found = Unavailable(f"The {name} service does not answer.")
        elif isinstance(error, TimeoutError):
            self._blamed = True
            found = Timeout(f"The {name} service did not answer within {self._upstream.read_seconds:g} s.")
        elif isinstance(error, SuiteError | ClientGone):
            found = error
        else:
            found = BadGateway(f"The {name} service broke off the answer.")
        return Broken(str(found)) if self._answered and not isinstance(found, ClientGone) else found

    def settle(self) -> None:
        """Tell the breaker. A service that answered, whatever it said, is there."""
        if self._blamed:
            self._upstream.breaker.failed()
        elif self._answered:
            self._upstream.breaker.succeeded()
        else:
            self._upstream.breaker.abandoned()


class _Watch:
    """Cancels the exchange when its client leaves, so that the service is not kept busy for nobody."""

    def __init__(self, receive: Receive, body: Body) -> None:
        self._receive, self._body = receive, body
        self._exchange = asyncio.current_task()
        self._watcher: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._begin)
        self.client_left = False

    def _begin(self) -> None:
        if not self._body.complete:  # whoever streams the body will notice
            self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._begin)
            return
        self._watcher = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.client_left = True
        if self._exchange is not None:
            self._exchange.cancel()

    def stop(self) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()


def _target(upstream: Upstream, scope: Scope) -> URL:
    """The service's URL with path and query byte for byte as they came."""
    raw = scope["raw_path"].decode("ascii")
    query = scope["query_string"].decode("latin-1")
    return URL(f"{upstream.base_url}{raw}?{query}" if query else f"{upstream.base_url}{raw}", encoded=True)
