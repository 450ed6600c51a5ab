"""Asking another service in this one's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.core.errors import Unavailable
from apps.references.client import _client, get
from apps.references.digests import digest_pages
from tests.support.neighbours import Neighbours

PRICES, DIGEST = "/api/v1/prices", "/api/v1/pricing/digest"


@pytest.fixture
def pricing(neighbours: Neighbours) -> Neighbours:
    neighbours.answers("pricing", PRICES, ["1"])
    neighbours.answers("pricing", DIGEST, ["1"])
    return neighbours


@pytest.fixture
def new_client(useless_proxy: None) -> Iterator[None]:
    """One that is made while the environment names a proxy."""
    _client.cache_clear()
    yield
    _client.cache_clear()


def _page() -> Any:
    return next(digest_pages("pricing", "Price"))


def _prices() -> Any:
    return get("pricing", PRICES).json()


@pytest.mark.parametrize("ask", [_prices, _page])
def test_a_token_that_is_refused_is_replaced_once(pricing: Neighbours, ask: Callable[[], Any]) -> None:
    ask()
    pricing.rotates_keys("another-token")
    assert [ask(), ask()] == [["1"], ["1"]]
    told = [asked.authorization.removeprefix("Bearer ") for asked in pricing.asked]
    assert told == ["a-service-token", "a-service-token", "another-token", "another-token"]


@pytest.mark.parametrize("ask", [_prices, _page])
def test_no_proxy_is_on_the_way(pricing: Neighbours, ask: Callable[[], Any], new_client: None) -> None:
    assert ask() == ["1"]


@pytest.mark.parametrize("ask", [_prices, _page])
def test_who_refuses_the_new_token_too_is_not_asked_a_third_time(
    pricing: Neighbours, ask: Callable[[], Any]
) -> None:
    for path in (PRICES, DIGEST):
        pricing.answers("pricing", path, {"detail": "no"}, status=401)
    with pytest.raises(Unavailable, match="pricing"):
        ask()
    assert len(pricing.asked) == 2
