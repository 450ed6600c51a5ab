"""Browsers of foreign origins read the API only where the settings say so, and the admin never."""

from __future__ import annotations

from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream

PATH = "/api/v1/store/search"
SHOP = "https://shop.example"
ALLOWED = {"GATEWAY_CORS_ORIGINS": {SHOP}}


def test_no_origin_is_allowed_by_default(gateway: Gateway) -> None:
    answer = gateway().get(PATH, headers={"Origin": SHOP})
    assert "access-control-allow-origin" not in answer.headers


def test_an_allowed_origin_may_read_and_sees_our_headers(gateway: Gateway) -> None:
    answer = gateway(**ALLOWED).get(PATH, headers={"Origin": SHOP})
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_another_origin_may_not(gateway: Gateway) -> None:
    for origin in ("https://evil.example", f"{SHOP}.evil.example", "null", "http://shop.example"):
        answer = gateway(**ALLOWED).get(PATH, headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Origin"


def test_a_preflight_is_answered_here(gateway: Gateway, upstream: Upstream) -> None:
    answer = gateway(**ALLOWED).options(
        PATH, headers={"Origin": SHOP, "Access-Control-Request-Method": "PUT"}
    )
    assert answer.status_code == 204
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "If-Match" in answer.headers["access-control-allow-headers"]
    assert upstream.service.requests == []


def test_a_problem_can_be_read_by_an_allowed_origin_too(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(**ALLOWED)
    upstream.stop()
    answer = client.get(PATH, headers={"Origin": SHOP})
    assert answer.status_code == 503
    assert answer.headers["access-control-allow-origin"] == SHOP
    upstream.start()


def test_the_admin_is_never_shared(gateway: Gateway) -> None:
    answer = gateway(**ALLOWED).get("/admin/pricing/", headers={"Origin": SHOP})
    assert "access-control-allow-origin" not in answer.headers
