"""What verify() takes from a good token, and how it reads an Authorization header."""

from __future__ import annotations

from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.access import keys
from apps.access.verify import bearer_token, unverified_expiry, verify
from apps.core.errors import Unauthenticated, Unavailable
from tests.support.tokens import Issuer


def test_a_good_token_becomes_its_bearer(tokens: Issuer) -> None:
    sub = uuid4()
    user = verify(tokens.make(["admin", "manager"], sub=sub, username="anna"))
    assert (user.id, user.pk, user.username, str(user)) == (sub, sub, "anna", "anna")
    assert user.actor.roles == {"admin", "manager"}
    assert user.is_authenticated
    assert user.expires_at > datetime.now(UTC)


def test_roles_this_suite_does_not_know_give_nothing(tokens: Issuer) -> None:
    assert verify(tokens.make(["viewer", "root"])).roles == {"viewer"}


def test_clocks_may_differ_by_some_seconds(tokens: Issuer) -> None:
    now = int(time())
    assert verify(tokens.make(exp=now - 5))
    assert verify(tokens.make(iat=now + 5))


def test_without_any_key_a_token_is_neither_good_nor_bad(tokens: Issuer, settings: Any) -> None:
    settings.ACCESS_JWKS_URL = "http://127.0.0.1:9/"
    keys.source.cache_clear()
    try:
        with pytest.raises(Unavailable):
            verify(tokens.make())
    finally:
        keys.source.cache_clear()


@given(
    token=st.one_of(
        st.text(max_size=200), st.from_regex(r"\A[A-Za-z0-9_-]{1,80}(\.[A-Za-z0-9_-]{1,80}){2}\Z")
    )
)
def test_whatever_comes_as_a_token_is_refused_and_never_an_error(token: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(token)
    assert unverified_expiry(token) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        ("", None),
        ("Basic YTpi", None),
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("  Bearer   abc ", "abc"),
    ],
)
def test_only_the_bearer_scheme_carries_a_token(header: str | None, token: str | None) -> None:
    assert bearer_token(header) == token


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b"])
def test_a_bearer_scheme_needs_exactly_one_token(header: str) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(header)


def test_the_expiry_can_be_read_without_any_key(tokens: Issuer) -> None:
    exp = int(time()) + 77
    assert unverified_expiry(tokens.make(exp=exp)) == datetime.fromtimestamp(exp, UTC)
    assert unverified_expiry(tokens.make(exp=None)) is None
