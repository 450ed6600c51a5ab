"""The JWKS client: cached, refreshed on an unknown key id with a cool-down, serving while identity is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm

from apps.access import keys
from apps.access.keys import RemoteKeys
from apps.core.errors import Unavailable
from tests.support.tokens import Jwks, KeyPair, serving


@pytest.fixture(scope="module")
def first() -> KeyPair:
    return KeyPair("first")


@pytest.fixture(scope="module")
def second() -> KeyPair:
    return KeyPair("second")


@pytest.fixture
def jwks(first: KeyPair, settings: Any) -> Iterator[Jwks]:
    with serving(Jwks(first)) as running:
        settings.ACCESS_JWKS_URL = running.url
        yield running


class Clock:
    """Stands in for the monotonic clock, to move it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(keys, "time", made)
    return made


def test_a_key_is_fetched_once_and_kept(jwks: Jwks, first: KeyPair) -> None:
    source = RemoteKeys()
    found = [source.get("first") for _ in range(3)]
    assert found[0] is not None
    assert found[0].public_numbers() == first.private.public_key().public_numbers()
    assert jwks.requests == 1


def test_a_new_key_is_found_when_the_first_token_names_it(jwks: Jwks, second: KeyPair, clock: Clock) -> None:
    source = RemoteKeys()
    source.get("first")
    jwks.keys.append(second)
    clock.now += keys.COOL_DOWN_SECONDS
    assert source.get("second") is not None
    assert jwks.requests == 2


def test_made_up_key_ids_cost_one_fetch_per_cool_down(jwks: Jwks, clock: Clock) -> None:
    source = RemoteKeys()
    assert [source.get(f"made-up-{n}") for n in range(20)] == [None] * 20
    assert jwks.requests == 1
    clock.now += keys.COOL_DOWN_SECONDS
    source.get("made-up")
    assert jwks.requests == 2


def test_a_key_that_identity_dropped_is_dropped_when_the_set_gets_old(
    jwks: Jwks, second: KeyPair, clock: Clock
) -> None:
    source = RemoteKeys()
    source.get("first")
    jwks.keys[:] = [second]
    clock.now += keys.FRESH_SECONDS + 1
    assert source.get("first") is None


def test_known_keys_go_on_serving_while_identity_is_away(jwks: Jwks, clock: Clock) -> None:
    source = RemoteKeys()
    source.get("first")
    jwks.broken = True
    clock.now += 100 * keys.FRESH_SECONDS
    assert source.get("first") is not None
    assert source.get("unknown") is None


def test_after_an_outage_the_next_try_comes_soon(jwks: Jwks, clock: Clock) -> None:
    source = RemoteKeys()
    jwks.broken = True
    with pytest.raises(Unavailable):
        source.get("first")
    jwks.broken = False
    with pytest.raises(Unavailable):
        source.get("first")
    assert jwks.requests == 1
    clock.now += keys.RETRY_SECONDS
    assert source.get("first") is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"keys": []}',
        b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}]}',
        b'{"keys": [{"kty": "RSA", "kid": "first", "n": "!", "e": "AQAB"}]}',
        b'{"keys": [{"kty": "RSA", "kid": "first"}]}',
        b'{"keys": [7]}',
        b'{"keys": {"first": 1}}',
    ],
)
def test_a_key_set_that_is_none_counts_as_identity_being_away(
    jwks: Jwks, body: bytes, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jwks, "body", lambda: body)
    with pytest.raises(Unavailable):
        RemoteKeys().get("first")


def test_a_private_key_in_the_set_is_not_used(jwks: Jwks, first: KeyPair, monkeypatch: Any) -> None:
    jwk = {**RSAAlgorithm.to_jwk(first.private, as_dict=True), "kid": "first", "use": "sig"}
    monkeypatch.setattr(jwks, "body", lambda: json.dumps({"keys": [jwk]}).encode())
    with pytest.raises(Unavailable):
        RemoteKeys().get("first")


def test_nobody_listening_is_unavailable(settings: Any) -> None:
    settings.ACCESS_JWKS_URL = "http://127.0.0.1:9/jwks.json"
    with pytest.raises(Unavailable):
        RemoteKeys().get("first")


def test_many_threads_share_one_fetch(jwks: Jwks) -> None:
    source = RemoteKeys()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: source.get("first"), range(64)))
    assert all(found)
    assert jwks.requests == 1


def test_an_identity_that_hangs_delays_no_known_key(
    jwks: Jwks, settings: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old set: one caller waits for the time limit, the others go on with the key they know."""
    monkeypatch.setattr(keys, "TIMEOUT_SECONDS", 30.0)
    source = RemoteKeys()
    source.get("first")
    release = threading.Event()

    class Hanging(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            release.wait(30)

        def log_message(self, *args: Any) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Hanging)
    threading.Thread(target=server.handle_request, daemon=True).start()
    settings.ACCESS_JWKS_URL = f"http://127.0.0.1:{server.server_address[1]}/"
    clock.now += keys.FRESH_SECONDS + 1
    asking = threading.Thread(target=source.get, args=("first",))
    asking.start()
    try:
        while not source._lock.locked():
            pass
        assert source.get("first") is not None
        assert asking.is_alive()
    finally:
        release.set()
        asking.join()
        server.server_close()
