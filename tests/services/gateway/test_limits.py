"""What is too much is refused early, and said so."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from time import sleep
from typing import Any
from urllib.parse import urlencode

import httpx
import psutil
import pytest

from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream, raw
from tests.support.ports import free_port
from tests.support.waiting import answers, eventually

PATH = "/api/v1/prices"
SIZE = 100 * 1024 * 1024


def test_a_body_over_the_limit_is_413_before_it_is_sent(gateway: Gateway, upstream: Upstream) -> None:
    request = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n"
    answer = raw(gateway(GATEWAY_MAX_BODY=1_048_576).base_url.port or 0, request.encode())
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert upstream.service.requests == []


@pytest.mark.parametrize("size", [2_000, 600_000])
def test_a_chunked_body_over_the_limit_is_413(gateway: Gateway, upstream: Upstream, size: int) -> None:
    client = gateway(GATEWAY_MAX_BODY=size, GATEWAY_COLLECT=100_000)
    answer = client.post(PATH, content=iter([b"x" * 1_000] * (size // 1_000 + 1)))
    assert answer.status_code == 413
    assert answer.json()["title"] == "The body is too large"
    assert upstream.service.requests == []


def test_a_body_of_exactly_the_limit_passes(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway(GATEWAY_MAX_BODY=600_000).post(PATH, content=b"x" * 600_000).status_code == 200
    assert len(upstream.service.last.body) == 600_000


def test_a_file_to_import_may_be_larger_than_any_other_body(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(GATEWAY_MAX_BODY=1_000, GATEWAY_MAX_FORM=1_000, GATEWAY_MAX_UPLOAD=600_000)
    page = "/admin/pricing/pricing/price/import/"
    assert client.post(page, content=b"x" * 600_000).status_code == 200
    assert client.post(page, content=b"x" * 600_001).status_code == 413
    assert client.post("/admin/pricing/pricing/price/add/", content=b"x" * 1_001).status_code == 413
    assert client.post("/api/v1/prices/import/", content=b"x" * 1_001).status_code == 413
    assert len(upstream.service.requests) == 1


def test_a_form_has_room_for_text_of_the_size_that_the_api_takes(
    gateway: Gateway, upstream: Upstream, settings: Any
) -> None:
    client = gateway()
    typed = urlencode({"description": "ü" * (settings.GATEWAY_MAX_BODY // 2), "name": "n" * 10_000})
    assert client.post("/admin/pricing/pricing/price/add/", content=typed).status_code == 200
    assert client.post(PATH, content=typed).status_code == 413
    assert len(upstream.service.requests) == 1


def test_a_body_that_does_not_come_is_408_and_never_bothers_a_service(
    gateway: Gateway, upstream: Upstream
) -> None:
    client = gateway(GATEWAY_BODY_TIMEOUT=0.3)
    request = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    assert raw(client.base_url.port or 0, request.encode()).status == 408
    assert upstream.service.requests == []


def test_a_client_that_leaves_within_its_body_never_bothers_a_service(
    gateway: Gateway, upstream: Upstream
) -> None:
    client = gateway()
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as connection:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc".encode())
    sleep(0.2)
    assert upstream.service.requests == []
    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/admin/login/", "/admin/login"])
def test_sign_in_attempts_are_limited_per_address(gateway: Gateway, upstream: Upstream, path: str) -> None:
    client = gateway(GATEWAY_LOGIN_RATE="3/minute")
    codes = [client.post(path, data={"username": "a", "password": "b"}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    refused = client.post(path)
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert len(upstream.service.requests) == 3
    assert client.get(path).status_code == 200, "looking at the page is no attempt"
    assert client.get(PATH).status_code == 200


def test_a_forged_address_does_not_escape_the_sign_in_limit(gateway: Gateway) -> None:
    client = gateway(GATEWAY_LOGIN_RATE="2/minute")
    codes = [
        client.post("/api/v1/auth/login", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(3)
    ]
    assert codes == [200, 200, 429]


def test_behind_a_trusted_proxy_each_client_has_its_own_limit(gateway: Gateway) -> None:
    client = gateway(GATEWAY_LOGIN_RATE="1/minute", GATEWAY_TRUSTED_PROXIES=["127.0.0.1"])
    codes = [
        client.post("/api/v1/auth/login", headers={"X-Forwarded-For": address}).status_code
        for address in ("10.0.0.1", "10.0.0.2", "10.0.0.1")
    ]
    assert codes == [200, 200, 429]


def test_who_is_a_trusted_proxy_himself_makes_up_no_address(gateway: Gateway) -> None:
    client = gateway(GATEWAY_LOGIN_RATE="2/minute", GATEWAY_TRUSTED_PROXIES=["127.0.0.1", "10.0.0.0/8"])
    codes = [
        client.post("/api/v1/auth/login", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(3)
    ]
    assert codes == [200, 200, 429]


@pytest.fixture
def process(upstream: Upstream) -> Iterator[tuple[int, psutil.Process]]:
    """A gateway in a process of its own, so that its memory can be looked at."""
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "catalog_services.gateway.asgi:application", f"--port={port}"],
        env={
            **os.environ,
            "PRICING_URL": upstream.url,
            "MAX_BODY_BYTES": str(2 * SIZE),
            "CATALOG_ENV": "test",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/health/live"))
        yield port, psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait(10)


def test_a_hundred_megabytes_each_way_leave_the_memory_flat(process: tuple[int, psutil.Process]) -> None:
    port, gateway = process
    url = f"http://127.0.0.1:{port}{PATH}"
    httpx.get(url, trust_env=False, timeout=30)
    before = gateway.memory_info().rss
    peak = before
    with httpx.stream("GET", f"{url}/download?bytes={SIZE}", trust_env=False, timeout=30) as answer:
        total = 0
        for number, piece in enumerate(answer.iter_raw()):
            total += len(piece)
            if number % 50 == 0:
                peak = max(peak, gateway.memory_info().rss)
    assert total == SIZE
    sent = httpx.post(
        f"{url}/upload",
        content=(b"x" * 65_536 for _ in range(SIZE // 65_536)),
        headers={"Content-Length": str(SIZE)},
        trust_env=False,
        timeout=30,
    )
    assert sent.json() == {"bytes": SIZE, "length": str(SIZE)}
    peak = max(peak, gateway.memory_info().rss)
    assert peak - before < 15 * 1024 * 1024
