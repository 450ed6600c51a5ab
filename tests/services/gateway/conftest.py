"""``upstream`` stands for every service; ``gateway`` is the real edge on uvicorn in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from apps.observability import tracing
from catalog_services.gateway.pages import health, schema
from config.services import SERVICES
from tests.services.gateway.servers import Upstream, serving
from tests.support.spans import kept_spans

Gateway = Callable[..., httpx.Client]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    running = Upstream()
    yield running
    running.end()


@pytest.fixture
def gateway(upstream: Upstream, settings: Any) -> Iterator[Gateway]:
    """``gateway(GATEWAY_LOGIN_RATE="2/minute")`` starts one with these settings; a client for it is returned."""
    with ExitStack() as stack:

        def start(**changed: Any) -> httpx.Client:
            from apps.core.requests import Asgi
            from catalog_services.gateway.edge.entry import Edge

            settings.GATEWAY_UPSTREAMS = {name: upstream.url for name in SERVICES if name != "gateway"}
            settings.ALLOWED_HOSTS = ["*"]
            for name, value in changed.items():
                setattr(settings, name, value)
            health._latest = schema._latest = None
            port = stack.enter_context(serving(Edge(Asgi())))
            return stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False)
            )

        yield start


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Tracing on, with the spans kept in memory."""
    with tracing_kept(monkeypatch, per_second=1000) as exporter:
        yield exporter


@contextmanager
def tracing_kept(monkeypatch: pytest.MonkeyPatch, *, per_second: int) -> Iterator[InMemorySpanExporter]:
    with kept_spans(per_second=per_second) as (provider, exporter):
        monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("catalog"))
        yield exporter
