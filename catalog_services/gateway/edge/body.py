"""A request's body on its way to a service: small ones collected, large ones streamed, none over the limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from django.conf import settings

from apps.core.errors import PayloadTooLarge, SuiteError
from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Headers, Receive
from catalog_services.gateway.edge.errors import BadRequest, ClientGone, SlowRequest
from config.services import is_page, takes_files


class Body:
    """Reads ``receive`` once. ``problem`` is what stopped a body that was already being streamed.

    Collecting first keeps slow senders away from the services' threads, gives chunked bodies the
    Content-Length that WSGI needs, and lets the client repeat an idempotent request.
    """

    __slots__ = ("_limit", "_taken", "complete", "expected", "length", "problem", "receive")

    def __init__(self, given: Headers, receive: Receive, path: str) -> None:
        self.receive = receive
        self._limit = _limit_of(path)
        self.problem: SuiteError | ClientGone | None = None
        self._taken = 0
        self.complete = True
        length = headers.first(given, b"content-length")
        self.length = int(length) if length.isdigit() else None
        if length and self.length is None:
            raise BadRequest("Content-Length is not a number.")
        self.expected = bool(self.length) or bool(headers.first(given, b"transfer-encoding"))
        if (self.length or 0) > self._limit:
            raise self._too_large()

    async def content(self) -> bytes | AsyncIterator[bytes]:
        """An ``expected`` body: bytes when it is small, a stream when not.

        Raises ``PayloadTooLarge``, ``SlowRequest`` and ``ClientGone`` for what happens while collecting.
        """
        self.complete = False
        seconds: float = settings.GATEWAY_BODY_TIMEOUT
        collected = bytearray()
        try:
            async with asyncio.timeout(seconds):
                while not self.complete:
                    collected += await self._next()
                    if len(collected) >= settings.GATEWAY_COLLECT and not self.complete:
                        return self._stream(bytes(collected), seconds)
        except TimeoutError as error:
            raise SlowRequest(f"The body did not arrive within {seconds:g} s.") from error
        return bytes(collected)

    async def _stream(self, start: bytes, seconds: float) -> AsyncIterator[bytes]:
        yield start
        try:
            while not self.complete:
                async with asyncio.timeout(seconds):
                    chunk = await self._next()
                if chunk:
                    yield chunk
        except TimeoutError as error:
            self.problem = SlowRequest(f"The body stopped for more than {seconds:g} s.")
            raise self.problem from error
        except (SuiteError, ClientGone) as error:
            self.problem = error
            raise

    async def _next(self) -> bytes:
        message = await self.receive()
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


def _limit_of(path: str) -> int:
    """Bytes that a body may have at a URL path."""
    limit: int = settings.GATEWAY_MAX_BODY
    if takes_files(path):
        limit = settings.GATEWAY_MAX_UPLOAD
    elif is_page(path):
        limit = settings.GATEWAY_MAX_FORM
    return limit
