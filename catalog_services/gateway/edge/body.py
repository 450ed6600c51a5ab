"""A request's body on its way to a service: small ones collected, large ones streamed, none over the limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from apps.core.errors import PayloadTooLarge, SuiteError
from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Receive, Scope
from catalog_services.gateway.edge.errors import BadRequest, ClientGone, SlowRequest


class Body:
    """Reads ``receive`` once. ``problem`` is what stopped a body that was already being streamed.

    Collecting first keeps slow senders away from the services' threads, gives chunked bodies the
    Content-Length that WSGI needs, and lets the client repeat an idempotent request.
    """

    def __init__(self, scope: Scope, receive: Receive, *, limit: int, collect: int, seconds: float) -> None:
        self._receive, self._limit, self._collect, self._seconds = receive, limit, collect, seconds
        self.problem: SuiteError | ClientGone | None = None
        self._taken = 0
        self.complete = True
        length = headers.first(scope["headers"], b"content-length")
        self.length = int(length) if length.isdigit() else None
        if length and self.length is None:
            raise BadRequest("Content-Length is not a number.")
        self.expected = bool(self.length) or bool(headers.first(scope["headers"], b"transfer-encoding"))
        if (self.length or 0) > limit:
            raise self._too_large()

    async def content(self) -> bytes | AsyncIterator[bytes] | None:
        """Bytes when the body is small, a stream when not, None when there is none.

        Raises ``PayloadTooLarge``, ``SlowRequest`` and ``ClientGone`` for what happens while collecting.
        """
        if not self.expected:
            return None
        self.complete = False
        collected = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                while not self.complete:
                    collected += await self._next()
                    if len(collected) >= self._collect and not self.complete:
                        return self._stream(bytes(collected))
        except TimeoutError as error:
            raise SlowRequest(f"The body did not arrive within {self._seconds:g} s.") from error
        return bytes(collected)

    async def _stream(self, start: bytes) -> AsyncIterator[bytes]:
        yield start
        try:
            while not self.complete:
                async with asyncio.timeout(self._seconds):
                    chunk = await self._next()
                if chunk:
                    yield chunk
        except TimeoutError as error:
            self.problem = SlowRequest(f"The body stopped for more than {self._seconds:g} s.")
            raise self.problem from error
        except (SuiteError, ClientGone) as error:
            self.problem = error
            raise

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        self.complete = not message.get("more_body", False)
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise self._too_large()
        return chunk

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"The body may have {self._limit} bytes at most.")
