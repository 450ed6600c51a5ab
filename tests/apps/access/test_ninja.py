"""The django-ninja edge: required and optional bearer tokens."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from apps.access.ninja import ANONYMOUS, Bearer, optional, required
from apps.access.users import TokenUser
from apps.core.errors import Forbidden, Unauthenticated
from tests.support.hostile_tokens import CASES
from tests.support.tokens import Issuer


def call(auth: Bearer, header: str | None) -> object:
    headers = {} if header is None else {"Authorization": header}
    return auth(RequestFactory().get("/", headers=headers))


@pytest.mark.parametrize("auth", [required, optional])
def test_a_good_token_becomes_its_bearer(auth: Bearer, tokens: Issuer) -> None:
    user = call(auth, f"Bearer {tokens.make('viewer', username='anna')}")
    assert isinstance(user, TokenUser)
    assert user.actor.username == "anna"


def test_no_token_is_refused_where_one_is_needed_and_nobody_where_not() -> None:
    with pytest.raises(Unauthenticated):
        call(required, None)
    assert call(optional, None) is ANONYMOUS
    assert bool(ANONYMOUS)
    assert not ANONYMOUS.is_authenticated


def test_another_scheme_is_no_bearer_token() -> None:
    with pytest.raises(Unauthenticated):
        call(required, "Basic YTpi")
    assert call(optional, "Basic YTpi") is ANONYMOUS


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_token_is_refused_on_public_endpoints_too(case: str, tokens: Issuer) -> None:
    header = f"Bearer {CASES[case](tokens)}"
    for auth in (optional, required):
        with pytest.raises(Unauthenticated):
            call(auth, header)


def test_a_role_that_is_not_asked_for_is_forbidden(tokens: Issuer) -> None:
    managers = Bearer(roles=["manager"])
    assert call(managers, f"Bearer {tokens.make('manager')}")
    with pytest.raises(Forbidden):
        call(managers, f"Bearer {tokens.make('viewer')}")
    with pytest.raises(Forbidden):
        call(required, f"Bearer {tokens.make([])}")
