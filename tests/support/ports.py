"""Ports that nobody listens on just now, and that the system gives to nobody who asks it for any port."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress

OURS = range(25_000, 32_000)
"""Above those of the tests' own instance, of which one may be free while its process is started again, and below those
that Linux gives out."""


def free_port() -> int:
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """So many, no two of them the same."""
    with ExitStack() as held:
        found: list[int] = []
        for port in random.sample(OURS, len(OURS)):
            with suppress(OSError):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise AssertionError("no free ports")
