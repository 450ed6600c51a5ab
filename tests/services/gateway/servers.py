"""Servers of the tests: in threads of their own, on free ports of this machine, stopped at the end."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

import uvicorn
from aiohttp import web

from tests.services.gateway.upstreams import Service
from tests.support.ports import free_port
from tests.support.waiting import eventually

TIMEOUT = 10


class Thread:
    """An event loop in a thread; ``call`` runs a coroutine there and returns its result."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(TIMEOUT)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(TIMEOUT)
        self.loop.close()


class Upstream:
    """A running service; ``stop`` and ``start`` play its death and return on the same port."""

    def __init__(self) -> None:
        self._thread = Thread()
        self.service = self._thread.call(self._make())
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _make(self) -> Service:
        return Service()

    def start(self) -> None:
        self._thread.call(self._start())

    async def _start(self) -> None:
        application = web.Application(client_max_size=1 << 30)
        application.router.add_route("*", "/{path:.*}", self.service.handle)
        self._runner = web.AppRunner(
            application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    def stop(self) -> None:
        self._thread.call(self._runner.cleanup())

    def go_on(self) -> None:
        """Let what trickles go on."""
        self._thread.loop.call_soon_threadsafe(self.service.going_on.set)

    def wait_cancelled(self, seconds: float) -> bool:
        async def waiting() -> bool:
            try:
                await asyncio.wait_for(self.service.cancelled.wait(), seconds)
            except TimeoutError:
                return False
            return True

        return bool(self._thread.call(waiting()))

    def end(self) -> None:
        self.stop()
        self._thread.stop()


@contextmanager
def serving(application: Callable[..., Any]) -> Iterator[int]:
    """uvicorn, as the suite runs it, around an ASGI application; gives its port."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host="127.0.0.1",
            port=port,
            loop="uvloop",
            http="httptools",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, seconds=60)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(TIMEOUT)
        assert not thread.is_alive()


class Answer:
    """A response read from a raw socket."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


def raw(port: int, request: bytes, method: str = "GET") -> Answer:
    """Send bytes as they are and read one answer."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response)
