"""A real HTTP server that stands for every service: it echoes, dawdles, streams, drops and counts."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

CHUNK = b"x" * 65_536


@dataclass
class Recorded:
    """What reached the service. ``raw_path`` and the header pairs are as they were on the wire."""

    method: str
    raw_path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return ", ".join(self.all(name))

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Service:
    """Answers by the last word of the path; ``requests`` holds everything that came."""

    requests: list[Recorded] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    going_on: asyncio.Event = field(default_factory=asyncio.Event)
    refresh_status: int = 200
    refresh_seconds: float = 0.1
    tokens: Any = None
    schema: dict[str, Any] | None = None
    parts: dict[str, Any] = field(default_factory=lambda: {"postgres": {"status": "up", "ms": 1.0}})

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        word = request.path.rstrip("/").rpartition("/")[2]
        self.counts[word] += 1
        behaviour = getattr(self, f"on_{word}", self.on_echo)
        if word != "upload":
            headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.raw_headers]
            recorded = Recorded(request.method, request._message.path, headers, await request.read())
            self.requests.append(recorded)
        answer: web.StreamResponse = await behaviour(request)
        return answer

    async def on_echo(self, request: web.Request) -> web.StreamResponse:
        recorded = self.last
        return web.json_response(
            {
                "method": recorded.method,
                "raw_path": recorded.raw_path,
                "headers": recorded.headers,
                "body": recorded.body.decode("latin-1"),
            }
        )

    async def on_many(self, request: web.Request) -> web.StreamResponse:
        """Repeated and hop-by-hop headers in the answer."""
        answer = web.Response(status=418, body=b"pot")
        answer.headers.add("X-Seen", "one")
        answer.headers.add("X-Seen", "two")
        answer.headers["Connection"] = "X-Private"
        answer.headers["X-Private"] = "for this hop"
        answer.headers["Keep-Alive"] = "timeout=5"
        answer.headers["X-Correlation-ID"] = "the service's own idea"
        return answer

    async def on_slow(self, request: web.Request) -> web.StreamResponse:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return web.Response(text="late")

    async def on_drop(self, request: web.Request) -> web.StreamResponse:
        """Closes without a word."""
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def on_flaky(self, request: web.Request) -> web.StreamResponse:
        """Drops the first of two requests, as a stale pooled connection does."""
        return await (self.on_drop if self.counts["flaky"] % 2 else self.on_echo)(request)

    async def on_half(self, request: web.Request) -> web.StreamResponse:
        """Promises more than it sends."""
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return answer

    async def on_trickle(self, request: web.Request) -> web.StreamResponse:
        """Two pieces, the second when the test says so."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first")
        await self.going_on.wait()
        await answer.write(b"second")
        return answer

    async def on_endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(CHUNK)
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            self.cancelled.set()
            raise

    async def on_download(self, request: web.Request) -> web.StreamResponse:
        """As many bytes as asked for, in pieces."""
        size = int(request.query["bytes"])
        answer = web.StreamResponse(headers={"Content-Length": str(size)})
        await answer.prepare(request)
        for _ in range(size // len(CHUNK)):
            await answer.write(CHUNK)
        await answer.write(b"x" * (size % len(CHUNK)))
        return answer

    async def on_upload(self, request: web.Request) -> web.StreamResponse:
        """Counts what comes, keeping nothing."""
        total = 0
        async for chunk in request.content.iter_any():
            total += len(chunk)
        return web.json_response({"bytes": total, "length": request.headers.get("Content-Length")})

    async def on_early(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=401, text="no")

    async def on_refresh(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.refresh_seconds)
        if self.refresh_status != 200:
            return web.json_response({}, status=self.refresh_status)
        if (
            self.last.header("content-type") != "application/json"
            or not json.loads(self.last.body)["refresh_token"]
        ):
            return web.json_response({}, status=415)
        number = self.counts["refresh"]
        return web.json_response({"access_token": self.tokens(), "refresh_token": f"renewed-{number}"})

    async def on_logout(self, request: web.Request) -> web.StreamResponse:
        from django.conf import settings

        answer = web.Response(status=302, headers={"Location": "/admin/login/"})
        answer.del_cookie(settings.ACCESS_COOKIE)
        answer.del_cookie(settings.ACCESS_REFRESH_COOKIE)
        return answer

    async def on_ready(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "up", "parts": self.parts})

    async def on_schema(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.schema) if self.schema else web.Response(status=500)
