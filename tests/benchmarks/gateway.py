"""What the gateway costs: beside a bare ASGI proxy on the same server and client, in the same run.

Run it alone with ``python -m tests.benchmarks gateway``; it needs no running suite.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from statistics import median

from tests.benchmarks.load import get, load, serving
from tests.benchmarks.measure import Figure, percentile, ratio
from tests.support.ports import free_port

REQUEST = get("/api/v1/prices?limit=50", Authorization="Bearer aaaa.bbbb.cccc")
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


def _server(application: str, **environment: str) -> AbstractContextManager[int]:
    """uvicorn as the suite runs it; its port."""
    port = free_port()
    flags = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level=warning")
    settings = {"DJANGO_SETTINGS_MODULE": "catalog_services.gateway.settings", **environment}
    return serving(("uvicorn", application, f"--port={port}", *flags), port, REQUEST, **settings)


def _load(port: int, clients: int, requests: int) -> tuple[float, list[float]]:
    return load(port, [REQUEST], clients=clients, count=requests)
