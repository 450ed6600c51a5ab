"""What the gateway costs: beside a bare ASGI proxy on the same server and client, in the same run.

Run it alone with ``python -m tests.benchmarks gateway``; it needs no running suite.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

import uvloop

from config import env
from tests.benchmarks.measure import Figure, percentile, ratio, until

REQUEST = (
    b"GET /api/v1/prices?limit=50 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
    b"User-Agent: bench\r\nAuthorization: Bearer aaaa.bbbb.cccc\r\n\r\n"
)
ROUNDS, ALONE, TOGETHER, CLIENTS = 7, 300, 2_000, 16
GATEWAY = "catalog_services.gateway.asgi:application"
BARE = "tests.benchmarks.bare_proxy"


def figures() -> list[Figure]:
    """Throughput of 16 clients, and latency of one, through the gateway (traced and not) and the bare proxy."""
    with ExitStack() as stack:
        service = stack.enter_context(_server(f"{BARE}:service"))
        # The service also takes the spans: the real collector is not what is measured, and would be flooded.
        address = f"http://127.0.0.1:{service}"
        pricing = {"PRICING_URL": address, "ZIPKIN_URL": address, "LOG_LEVEL": "INFO"}
        ports = {
            "direct": service,
            "bare": stack.enter_context(_server(f"{BARE}:proxy", **pricing)),
            "untraced": stack.enter_context(_server(GATEWAY, OTEL_SDK_DISABLED="true", **pricing)),
            "traced": stack.enter_context(_server(GATEWAY, OTEL_SDK_DISABLED="false", **pricing)),
        }
        rates: dict[str, list[float]] = {name: [] for name in ports}
        waits: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(ROUNDS):  # taking turns, so that what else the machine does hits all alike
            for name, port in ports.items():
                waits[name].append(percentile(_load(port, 1, ALONE)[1], 0.5) * 1000)
                rates[name].append(_load(port, CLIENTS, TOGETHER)[0])
    rate = {name: median(values) for name, values in rates.items()}
    wait = {name: median(values) for name, values in waits.items()}
    print("  requests/s:", {name: round(value) for name, value in rate.items()})
    print("  p50 alone, ms:", {name: round(value, 3) for name, value in wait.items()})
    bare = wait["bare"] - wait["direct"]
    found = []
    for name in ("untraced", "traced"):
        found += [
            ratio(f"gateway, {name}: requests/s of a bare proxy's", rate[name], rate["bare"], 0.8),
            Figure(
                f"gateway, {name}: p50 added to a request", wait[name] - wait["direct"], 1.5, "ms", raw=bare
            ),
        ]
    return found


@contextmanager
def _server(application: str, **environment: str) -> Iterator[int]:
    """uvicorn as the suite runs it; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    flags = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level=warning")
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", application, f"--port={port}", *flags],
        cwd=env.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "catalog_services.gateway.settings", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(port), seconds=60, pause=0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        return bool(_load(port, 1, 1))
    except OSError:
        return False


def _load(port: int, clients: int, requests: int) -> tuple[float, list[float]]:
    """Requests per second, and the seconds each took, of ``requests`` spread over ``clients`` kept connections."""
    waits: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(requests // clients):
            started = time.perf_counter()
            writer.write(REQUEST)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200"):
                raise OSError(head.decode())
            _, _, rest = head.partition(b"content-length:")
            await reader.readexactly(int(rest.partition(b"\r\n")[0]))
            waits.append(time.perf_counter() - started)
        writer.close()
        await writer.wait_closed()

    async def everyone() -> float:
        started = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(clients)))
        return time.perf_counter() - started

    seconds = uvloop.run(everyone())
    return len(waits) / seconds, waits
