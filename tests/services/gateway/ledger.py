"""A service in a process of its own that notes every request it gets, and dies of some: a test reads the notes.

``python -m tests.services.gateway.ledger PORT FILE``; any number of copies may share a port.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

import uvicorn


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Note the request's ``X-Correlation-ID``; then answer 200, or with ``X-Fatal`` die as by ``kill -9``."""
    given = dict(scope["headers"])
    file = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, given[b"x-correlation-id"] + b"\n")
    os.close(file)
    if b"x-fatal" in given:
        os.kill(os.getpid(), signal.SIGKILL)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


if __name__ == "__main__":
    with socket.socket() as shared:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared.bind(("127.0.0.1", int(sys.argv[1])))
        shared.listen(128)
        print("up", flush=True)
        uvicorn.Server(uvicorn.Config(application, lifespan="off", log_config=None)).run([shared])
