"""``python -m apps.runtime.asgi_server <service> <port> [<host>]``: uvicorn on a port that copies of the process share.

uvicorn's own way to several processes is a parent whose children outlive it and keep its port.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from select import select
from time import monotonic

import uvicorn

from apps.runtime import gunicorn_config
from apps.runtime.memory import collect_seldom
from config.services import SERVICES

LEAVE_SECONDS = 2.0
"""How long whoever keeps a connection has to ask once more, and be told to come back on another."""


class Server(uvicorn.Server):
    """One that loses no request when it stops: uvicorn's own resets the connections that wait at its port, and closes
    the idle ones though a request may be on its way on them."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application is loaded."""
        collect_seldom()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for one in sockets or ():
            while select([one], [], [], 0)[0]:
                await asyncio.sleep(0)  # it takes them on
        for server in self.servers:
            server.close()
        state = self.server_state
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        until = monotonic() + LEAVE_SECONDS
        while state.connections and monotonic() < until and not self.force_exit:
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """A socket of our own; the kernel deals connections among all that listen on the port like this."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind((host, port))
    return found


def main(name: str, port: str, host: str = "127.0.0.1") -> None:
    config = uvicorn.Config(
        f"{SERVICES[name].module}.asgi:application",
        timeout_keep_alive=gunicorn_config.keepalive,
        timeout_graceful_shutdown=gunicorn_config.graceful_timeout,
        access_log=False,
        server_header=False,
        # Who is asking is for the gateway to judge (GATEWAY_TRUSTED_PROXIES), not for whatever a client claims.
        proxy_headers=False,
        log_level="warning",
    )
    Server(config).run(sockets=[listening(host, int(port))])


if __name__ == "__main__":
    main(*sys.argv[1:])
