"""A light load: raw HTTP/1.1 over kept connections, so that what is measured is the server and not its client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice

import uvloop

from config import env
from tests.benchmarks.measure import until


def get(path: str, **headers: str) -> bytes:
    """A GET request as it goes over the wire."""
    return _request(f"GET {path}", headers)


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON as it goes over the wire."""
    return (
        _request(f"POST {path}", {"Content-Type": "application/json", "Content-Length": str(len(body))})
        + body
    )


def _request(line: str, headers: dict[str, str]) -> bytes:
    said = {"Host": "localhost", "Accept": "application/json", "User-Agent": "bench", **headers}
    return "\r\n".join(
        [f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
    ).encode()


def load(port: int, requests: Sequence[bytes], *, clients: int, count: int) -> tuple[float, list[float]]:
    """``count`` requests in turn over ``clients`` kept connections: answers per second, and the seconds of each.

    Raises ``OSError`` for an answer that is not 200.
    """
    waits: list[float] = []
    asked = islice(cycle(requests), count)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        for request in asked:
            started = time.perf_counter()
            writer.write(request)
            await _answer(reader)
            waits.append(time.perf_counter() - started)
        writer.close()
        await writer.wait_closed()

    async def everyone() -> float:
        started = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(clients)))
        return time.perf_counter() - started

    seconds = uvloop.run(everyone())
    return len(waits) / seconds, waits


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise OSError(head.decode())
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        return
    while size := int(await reader.readline(), 16):  # chunked
        await reader.readexactly(size + 2)
    await reader.readline()


@contextmanager
def serving(arguments: Sequence[str], port: int, probe: bytes, **environment: str) -> Iterator[int]:
    """``python -m <arguments>``, awaited until it answers ``probe``; gives the port."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=env.BASE_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(port, probe), seconds=60, pause=0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int, probe: bytes) -> bool:
    try:
        return bool(load(port, [probe], clients=1, count=1))
    except OSError:
        return False
