"""Client-credential tokens: fetched once, renewed in time, Unavailable when identity does not answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from apps.access import service_token
from apps.access.service_token import bearer_for_service, forget
from apps.core.errors import Unavailable


class TokenEndpoint:
    """Identity's token endpoint as a real HTTP server: counts, and answers what it is told."""

    def __init__(self) -> None:
        self.requests: list[dict[str, list[str]]] = []
        self.status = 200
        self.body: Any = None

    def answer(self) -> bytes:
        made = {"access_token": f"token-{len(self.requests)}", "token_type": "bearer", "expires_in": 300}
        return json.dumps(made if self.body is None else self.body).encode()


@pytest.fixture
def endpoint(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenEndpoint]:
    monkeypatch.setattr(service_token, "TIMEOUT_SECONDS", 30.0)
    state = TokenEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.requests.append(parse_qs(form))
            body = state.answer()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.ACCESS_TOKEN_URL = f"http://127.0.0.1:{server.server_address[1]}/api/v1/auth/token"
    settings.ACCESS_CLIENT_SECRET = "the secret & more"
    forget()
    yield state
    server.shutdown()
    server.server_close()
    forget()


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Any:
    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(service_token, "time", clock)

    def move(seconds: float) -> None:
        clock.now += seconds

    return move


def test_the_service_says_who_it_is_and_keeps_the_token(endpoint: TokenEndpoint, settings: Any) -> None:
    assert [bearer_for_service() for _ in range(3)] == ["token-1"] * 3
    assert endpoint.requests == [
        {
            "grant_type": ["client_credentials"],
            "client_id": [settings.SERVICE_NAME],
            "client_secret": ["the secret & more"],
        }
    ]


def test_a_token_is_renewed_before_it_expires(endpoint: TokenEndpoint, wait: Any) -> None:
    assert bearer_for_service() == "token-1"
    wait(269)
    assert bearer_for_service() == "token-1"
    wait(2)
    assert bearer_for_service() == "token-2"


def test_a_token_can_be_forgotten(endpoint: TokenEndpoint) -> None:
    bearer_for_service()
    forget()
    assert bearer_for_service() == "token-2"


def test_threads_share_one_request(endpoint: TokenEndpoint) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: bearer_for_service(), range(32))) == {"token-1"}
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (503, {}),
        (401, {}),
        (400, {}),
        (200, {}),
        (200, []),
        (200, {"access_token": "x"}),
        (302, {}),
    ],
)
def test_anything_but_a_token_is_unavailable(endpoint: TokenEndpoint, status: int, body: object) -> None:
    endpoint.status, endpoint.body = status, body
    with pytest.raises(Unavailable):
        bearer_for_service()


def test_nobody_listening_is_unavailable(settings: Any) -> None:
    settings.ACCESS_TOKEN_URL = "http://127.0.0.1:9/api/v1/auth/token"
    forget()
    with pytest.raises(Unavailable):
        bearer_for_service()


def test_after_a_failure_callers_are_told_at_once_and_it_is_tried_again_soon(
    endpoint: TokenEndpoint, wait: Any
) -> None:
    endpoint.status = 500
    for _ in range(5):
        with pytest.raises(Unavailable):
            bearer_for_service()
    assert len(endpoint.requests) == 1
    endpoint.status = 200
    wait(service_token.RETRY_SECONDS)
    assert bearer_for_service() == "token-2"
