"""``python -m apps.runtime.asgi_server <service> <port>``: uvicorn on a port that copies of the process share.

uvicorn's own way to several processes is a parent whose children outlive it and keep its port.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

from config.services import SERVICES

# Longer than the gateway keeps an idle connection, so that it is never the server that closes a reused one.
KEEP_ALIVE_SECONDS = 75


def listening(port: int) -> socket.socket:
    """A socket of our own; the kernel deals connections among all that listen on the port like this."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind(("127.0.0.1", port))
    return found


def main(name: str, port: int) -> None:
    config = uvicorn.Config(
        f"{SERVICES[name].module}.asgi:application",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=15,
        access_log=False,
        server_header=False,
        # Who is asking is for the gateway to judge (GATEWAY_TRUSTED_PROXIES), not for whatever a client claims.
        proxy_headers=False,
        log_level="warning",
    )
    uvicorn.Server(config).run(sockets=[listening(port)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
