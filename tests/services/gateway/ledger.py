"""A service in a process of its own that notes every request it gets, so that a test can kill it and read the notes."""

from __future__ import annotations

import os
from typing import Any


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Note the request's ``X-Correlation-ID`` in the file ``LEDGER``, then answer 200."""
    if scope["type"] != "http":
        return
    number = next(value for name, value in scope["headers"] if name == b"x-correlation-id")
    file = os.open(os.environ["LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, scope["method"].encode() + b" " + number + b"\n")
    os.close(file)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
