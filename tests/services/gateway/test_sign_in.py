"""The sign-in cookies are renewed at the door, once per session at a time, and count under /admin and /ops only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import Any

import httpx
import pytest
from django.conf import settings

from config.services import SERVICES
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream
from tests.support.tokens import Issuer

Token = Callable[[int], str]


@pytest.fixture
def token(tokens: Issuer, upstream: Upstream) -> Token:
    """``token(seconds)``: an access token that lives so long; identity gives out ones of five minutes."""

    def make(seconds: int) -> str:
        return tokens.make("manager", exp=int(time()) + seconds)

    upstream.service.tokens = lambda: make(300)
    return make


def cookie(access: str | None, refresh: str | None = "session-1", *others: str) -> dict[str, str]:
    pairs = list(others)
    if access is not None:
        pairs.append(f"{settings.ACCESS_COOKIE}={access}")
    if refresh is not None:
        pairs.append(f"{settings.ACCESS_REFRESH_COOKIE}={refresh}")
    return {"Cookie": "; ".join(pairs)}


def arrived(upstream: Upstream) -> dict[str, str]:
    """The cookies that the last request brought to its service."""
    return dict(pair.split("=", 1) for pair in upstream.service.last.header("cookie").split("; ") if pair)


def given(answer: httpx.Response) -> dict[str, str]:
    return dict(value.partition(";")[0].split("=", 1) for value in answer.headers.get_list("set-cookie"))


def refreshes(upstream: Upstream) -> int:
    return upstream.service.counts["refresh"]


@pytest.mark.parametrize("path", ["/admin/pricing/price/", "/admin/", "/ops/"])
def test_an_expiring_cookie_is_renewed_and_the_form_goes_through(
    gateway: Gateway, upstream: Upstream, token: Token, path: str
) -> None:
    answer = gateway().post(path, data={"name": "Speed"}, headers=cookie(token(30), "session-1", "other=1"))
    assert answer.status_code == 200
    assert upstream.service.last.body == b"name=Speed"
    cookies = arrived(upstream)
    assert cookies["other"] == "1"
    assert cookies[settings.ACCESS_REFRESH_COOKIE] == "renewed-1"
    assert given(answer) == {
        name: cookies[name] for name in (settings.ACCESS_COOKIE, settings.ACCESS_REFRESH_COOKIE)
    }
    for value in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in value
        assert "SameSite=Lax" in value


@pytest.mark.parametrize("access", [None, "", "not-a-token", "a.b.c"])
def test_a_missing_or_unreadable_access_cookie_is_renewed(
    gateway: Gateway, upstream: Upstream, token: Token, access: str | None
) -> None:
    gateway().get("/admin/pricing/", headers=cookie(access))
    assert arrived(upstream)[settings.ACCESS_REFRESH_COOKIE] == "renewed-1"


def test_a_fresh_cookie_is_left_alone(gateway: Gateway, upstream: Upstream, token: Token) -> None:
    fresh = token(200)
    answer = gateway().get("/admin/pricing/", headers=cookie(fresh))
    assert refreshes(upstream) == 0
    assert arrived(upstream)[settings.ACCESS_COOKIE] == fresh
    assert given(answer) == {}


def test_twenty_requests_at_once_renew_once_and_all_get_the_new_cookies(
    gateway: Gateway, upstream: Upstream, token: Token
) -> None:
    client, old = gateway(), token(10)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.get("/admin/pricing/", headers=cookie(old)), range(20)))
    assert refreshes(upstream) == 1
    assert {given(answer)[settings.ACCESS_REFRESH_COOKIE] for answer in answers} == {"renewed-1"}


def test_a_late_request_with_the_old_cookies_gets_the_same_new_ones(
    gateway: Gateway, upstream: Upstream, token: Token
) -> None:
    client, old = gateway(), token(10)
    answers = [client.get("/admin/pricing/", headers=cookie(old)) for _ in range(3)]
    assert refreshes(upstream) == 1
    assert len({str(given(answer)) for answer in answers}) == 1


def test_sessions_are_renewed_apart(gateway: Gateway, upstream: Upstream, token: Token) -> None:
    client, old = gateway(), token(10)
    for session in ("session-1", "session-2"):
        client.get("/admin/pricing/", headers=cookie(old, session))
    assert refreshes(upstream) == 2


def test_a_client_that_leaves_does_not_take_the_others_renewal_along(
    gateway: Gateway, upstream: Upstream, token: Token
) -> None:
    client, old = gateway(), token(10)
    upstream.service.refresh_seconds = 3.0
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(httpx.ReadTimeout):
            client.get("/admin/pricing/", headers=cookie(old), timeout=httpx.Timeout(30, read=0.5))
        patient = pool.submit(client.get, "/admin/pricing/", headers=cookie(old))
    assert given(patient.result())[settings.ACCESS_REFRESH_COOKIE] == "renewed-1"
    assert refreshes(upstream) == 1


@pytest.mark.parametrize("status", [401, 500])
def test_when_identity_refuses_the_request_goes_on_as_it_was(
    gateway: Gateway, upstream: Upstream, token: Token, status: int
) -> None:
    upstream.service.refresh_status = status
    client, old = gateway(), token(10)
    answer = client.get("/admin/pricing/", headers=cookie(old))
    assert answer.status_code == 200
    assert arrived(upstream)[settings.ACCESS_COOKIE] == old
    assert given(answer) == {}
    client.get("/admin/pricing/", headers=cookie(old))
    assert refreshes(upstream) == 1, "a refusal is remembered for a moment"


def test_no_refresh_cookie_means_no_renewal(gateway: Gateway, upstream: Upstream, token: Token) -> None:
    gateway().get("/admin/pricing/", headers=cookie(token(10), None))
    assert refreshes(upstream) == 0


def test_signing_out_wins_over_a_renewal(gateway: Gateway, upstream: Upstream, token: Token) -> None:
    answer = gateway().post("/admin/logout/", headers=cookie(token(10)))
    assert arrived(upstream)[settings.ACCESS_REFRESH_COOKIE] == "renewed-1", "what is revoked is the newest"
    assert set(given(answer).values()) == {'""'}


@pytest.mark.parametrize(("word", "status"), [("drop", 502), ("slow", 504), ("upload", 413)])
def test_what_the_gateway_answers_itself_carries_the_renewed_cookies_too(
    gateway: Gateway, upstream: Upstream, token: Token, word: str, status: int
) -> None:
    client = gateway(
        GATEWAY_READ_TIMEOUTS=dict.fromkeys(SERVICES, 0.3 if word == "slow" else 30.0), GATEWAY_MAX_FORM=10
    )
    form = {"name": "Speed" if word != "upload" else "Too much"}
    answer = client.post(f"/admin/pricing/{word}", data=form, headers=cookie(token(10)))
    assert answer.status_code == status
    assert refreshes(upstream) == 1
    assert given(answer)[settings.ACCESS_REFRESH_COOKIE] == "renewed-1"


def test_a_service_that_is_away_does_not_cost_the_renewed_cookies(
    gateway: Gateway, upstream: Upstream, token: Token
) -> None:
    client, old = gateway(GATEWAY_BREAKER_FAILURES=1), token(10)
    client.get("/admin/pricing/", headers=cookie(old))
    upstream.stop()
    answers = [client.get("/admin/pricing/", headers=cookie(old)) for _ in range(2)]
    upstream.start()
    assert [answer.status_code for answer in answers] == [503, 503], "not reached, then not tried"
    assert {given(answer)[settings.ACCESS_REFRESH_COOKIE] for answer in answers} == {"renewed-1"}


def test_signing_out_at_a_service_that_broke_off_wins_over_a_renewal(
    gateway: Gateway, upstream: Upstream, token: Token
) -> None:
    client, old = gateway(), token(10)
    client.get("/admin/pricing/", headers=cookie(old))
    upstream.stop()
    answer = client.post("/admin/logout/", headers=cookie(old))
    upstream.start()
    assert answer.status_code == 503
    assert set(given(answer).values()) == {'""'}


@pytest.mark.parametrize("path", ["/api/v1/prices", "/api/v1/auth/login", "/.well-known/jwks.json"])
def test_elsewhere_the_cookies_do_not_count(
    gateway: Gateway, upstream: Upstream, token: Token, path: str
) -> None:
    gateway().get(path, headers=cookie(token(10), "session-1", "csrf=1", "flag"))
    assert upstream.service.last.header("cookie") == "csrf=1; flag"
    assert refreshes(upstream) == 0


def test_files_are_not_worth_a_renewal(gateway: Gateway, upstream: Upstream, token: Token) -> None:
    answer = gateway().get("/admin/pricing/static/admin/base.css", headers=cookie(token(10)))
    assert refreshes(upstream) == 0
    assert given(answer) == {}


def test_a_shorter_token_lifetime_narrows_the_margin(
    gateway: Gateway, upstream: Upstream, token: Token, settings: Any
) -> None:
    from datetime import timedelta

    gateway(ACCESS_TOKEN_LIFETIME=timedelta(seconds=50)).get("/admin/", headers=cookie(token(30)))
    assert refreshes(upstream) == 0
