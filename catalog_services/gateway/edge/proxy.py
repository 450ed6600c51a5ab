"""Passing one request on to its service and the answer back, both as streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import aiohttp
from yarl import URL

from apps.core.errors import SuiteError, Timeout, Unavailable
from apps.observability.tracing import HttpSpan
from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Headers, Receive, Scope, Send
from catalog_services.gateway.edge.body import Body
from catalog_services.gateway.edge.departures import Departures
from catalog_services.gateway.edge.errors import BadGateway, ClientGone
from catalog_services.gateway.edge.upstream import Upstream

# Whose second answer is what the first would have been. Doing a DELETE twice is doing it once, too (RFC 9110 section
# 9.2.2), but its second answer is 404, as that of an If-Match is 412: the client would take its own work for another's.
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT"})
# What aiohttp raises when a connection ends before its answer begins.
LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientConnectionResetError)


class Broken(Exception):
    """The answer broke off after its head was sent: the client's connection must be closed."""


class Exchange:
    """One request to a service and its answer; tells the breaker how it ended."""

    __slots__ = ("_answered", "_blamed", "_body", "_departures", "_lost", "_scope", "_upstream")

    def __init__(self, upstream: Upstream, scope: Scope, receive: Receive, departures: Departures) -> None:
        self._upstream, self._scope, self._departures = upstream, scope, departures
        self._body = Body(scope["headers"], receive, scope["path"])
        self._answered = False
        self._blamed = False
        self._lost = False

    async def run(
        self,
        client: aiohttp.ClientSession,
        send: Send,
        *,
        own_headers: Sequence[tuple[str, str]],
        added: Headers,
    ) -> int:
        """Proxy the request; returns the status sent.

        ``own_headers`` go to the service, ``added`` to the client. Raises a ``SuiteError`` when nothing was sent yet,
        ``Broken`` after that, ``ClientGone`` when nobody waits any more.
        """
        passed = headers.for_service(self._scope["headers"], own_headers)
        body = self._body
        content = await body.content() if body.expected else None
        if isinstance(content, bytes) and body.length is None:
            passed.append(("content-length", str(len(content))))
        self._upstream.breaker.admit()
        watched = self._departures.watch(body)
        try:
            while True:
                try:
                    return await self._once(client, send, passed, content, added)
                except LOST as error:
                    if not self._may_repeat(error, content):
                        raise
                    self._lost = True
        except (aiohttp.ClientError, TimeoutError, OSError, SuiteError, ClientGone) as error:
            raise self._translated(error) from error
        except asyncio.CancelledError:
            if watched.client_left:
                raise ClientGone from None
            raise
        finally:
            self._departures.end(watched)
            self._settle()

    async def _once(
        self,
        client: aiohttp.ClientSession,
        send: Send,
        passed: list[tuple[str, str]],
        content: bytes | AsyncIterator[bytes] | None,
        added: Headers,
    ) -> int:
        method = self._scope["method"]
        with HttpSpan.call(f"{method} {self._upstream.name}") as call:
            async with client.request(
                method,
                self._target(),
                headers=[*passed, *call.passed_on],
                data=content,
                allow_redirects=False,
                timeout=self._upstream.timeout,
            ) as answer:
                self._answered = True
                head = headers.for_client(answer.raw_headers, added)
                await send({"type": "http.response.start", "status": answer.status, "headers": head})
                stream, more = answer.content, True
                while more:
                    chunk = await stream.readany()
                    more = not stream.at_eof()
                    await send({"type": "http.response.body", "body": chunk, "more_body": more})
                call.finish(method, self._scope["path"], answer.status)
                return answer.status

    def _may_repeat(self, error: Exception, content: bytes | AsyncIterator[bytes] | None) -> bool:
        """Whether a request whose connection was lost is sent a second time, never a third.

        A kept connection may have ended with its service's process just as it was used again.
        """
        return not (
            self._lost
            or self._answered
            or isinstance(error, aiohttp.ClientConnectorError)
            or isinstance(content, AsyncIterator)
            or self._scope["method"] not in REPEATABLE
            or headers.first(self._scope["headers"], b"if-match")
        )

    def _target(self) -> URL:
        """The service's URL with path and query byte for byte as they came."""
        path = f"{self._upstream.base_url}{self._scope['raw_path'].decode('ascii')}"
        query = self._scope["query_string"].decode("latin-1")
        return URL(f"{path}?{query}" if query else path, encoded=True)

    def _translated(self, error: Exception) -> Exception:
        """The error as the client shall see it; the body's own problem comes first, it caused the rest."""
        name = self._upstream.name
        found: Exception
        if self._body.problem is not None:
            found = self._body.problem
        elif isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
            self._blamed = True
            # Only what was never sent is retry-safe: the first of two attempts may have been done.
            found = (
                BadGateway(f"The {name} service broke off, and does not answer.")
                if self._lost
                else Unavailable(f"The {name} service does not answer.")
            )
        elif isinstance(error, TimeoutError):
            self._blamed = True
            found = Timeout(f"The {name} service did not answer within {self._upstream.read_seconds:g} s.")
        elif isinstance(error, SuiteError | ClientGone):
            found = error
        else:
            found = BadGateway(f"The {name} service broke off the answer.")
        return Broken(str(found)) if self._answered and not isinstance(found, ClientGone) else found

    def _settle(self) -> None:
        """Tell the breaker. A service that answered, whatever it said, is there."""
        if self._blamed:
            self._upstream.breaker.failed()
        elif self._answered:
            self._upstream.breaker.succeeded()
        else:
            self._upstream.breaker.abandoned()
