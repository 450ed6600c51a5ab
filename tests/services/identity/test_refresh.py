"""POST /api/v1/auth/refresh and /logout: rotation in families."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apps.access.verify import verify
from apps.core import clock
from apps.core.actor import SYSTEM
from apps.core.errors import Unauthenticated
from catalog_services.identity.actions.refresh import refresh, sign_out
from catalog_services.identity.actions.sign_in import begin_family
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.models import RefreshFamily, RefreshToken, SigningKey, User
from catalog_services.identity.tokens import TokenPair
from tests.services.identity.conftest import Login
from tests.services.identity.factories import UserFactory
from tests.support.hostile_tokens import CASES
from tests.support.tokens import Issuer

REFRESH, LOGOUT = "/api/v1/auth/refresh", "/api/v1/auth/logout"
Api = Callable[..., APIClient]


def later(seconds: float) -> Any:
    return clock.pinned(clock.now() + timedelta(seconds=seconds))


def test_a_refresh_answers_a_new_pair_with_the_roles_of_now(api: Api, login: Login) -> None:
    user = UserFactory(roles=["viewer"])
    first = login(user)
    user_update(actor=SYSTEM, id=user.pk, fields={"roles": ["manager"]})
    response = api(None).post(REFRESH, {"refresh_token": first["refresh_token"]})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json()["refresh_token"] != first["refresh_token"]
    assert verify(response.json()["access_token"]).roles == {"manager"}


def test_the_same_token_at_once_again_gives_the_same_pair(keys: list[SigningKey]) -> None:
    first = begin_family(UserFactory())
    once = refresh(token=first.refresh_token)
    with later(5):
        assert refresh(token=first.refresh_token) == once
    assert refresh(token=once.refresh_token).refresh_token != once.refresh_token


def test_a_rotated_token_used_later_revokes_the_whole_family(keys: list[SigningKey]) -> None:
    first = begin_family(UserFactory())
    newest = refresh(token=first.refresh_token)
    with later(11), pytest.raises(Unauthenticated):
        refresh(token=first.refresh_token)
    with pytest.raises(Unauthenticated):
        refresh(token=newest.refresh_token)


def test_a_revoked_family_leaves_the_users_other_sessions_alone(keys: list[SigningKey]) -> None:
    user = UserFactory()
    stolen, other = begin_family(user), begin_family(user)
    refresh(token=stolen.refresh_token)
    with later(11), pytest.raises(Unauthenticated):
        refresh(token=stolen.refresh_token)
    assert refresh(token=other.refresh_token)


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_all_get_the_one_successor(
    signing_key: Any, keys: list[SigningKey]
) -> None:
    first = begin_family(UserFactory())

    def renew(_: int) -> TokenPair:
        try:
            return refresh(token=first.refresh_token)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        pairs = list(pool.map(renew, range(8)))
    assert len({pair.refresh_token for pair in pairs}) == 1
    assert RefreshToken.objects.count() == 2


def test_an_access_token_is_no_refresh_token(api: Api, login: Login) -> None:
    pair = login(UserFactory())
    assert api(None).post(REFRESH, {"refresh_token": pair["access_token"]}).status_code == 401


def test_a_refresh_token_is_no_access_token(api: Api, login: Login) -> None:
    pair = login(UserFactory())
    response = api(None).get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {pair['refresh_token']}")
    assert response.status_code == 401


def test_an_expired_refresh_token_is_refused(keys: list[SigningKey], tokens: Issuer, settings: Any) -> None:
    with later(-13 * 3600):
        old = begin_family(UserFactory())
    with pytest.raises(Unauthenticated):
        refresh(token=old.refresh_token)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "." * 3000, "e30.e30.e30", "\u00e9"])
def test_a_made_up_refresh_token_is_401(api: Api, token: str) -> None:
    response = api(None).post(REFRESH, {"refresh_token": token})
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("case", ["key id with a NUL", "key id is half a character"])
def test_a_refresh_token_with_an_impossible_key_id_is_401(api: Api, tokens: Issuer, case: str) -> None:
    for path, status in ((REFRESH, 401), (LOGOUT, 204)):
        assert api(None).post(path, {"refresh_token": CASES[case](tokens)}).status_code == status


def test_a_well_signed_token_of_no_known_family_is_401(api: Api, tokens: Issuer) -> None:
    unknown = tokens.make(token_type="refresh", jti="01a20aaf-ca44-712b-8f7c-c21679c71ddd")
    no_id = tokens.make(token_type="refresh", jti="5")
    for token in (unknown, no_id):
        assert api(None).post(REFRESH, {"refresh_token": token}).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"refresh_token": ""}, {"refresh_token": 5e9}, {"refresh_token": "x" * 5000}]
)
def test_bad_input_names_the_field(api: Api, body: dict[str, object]) -> None:
    for path in (REFRESH, LOGOUT):
        response = api(None).post(path, body)
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["refresh_token"]


def test_logout_ends_the_session_for_every_token_of_it(api: Api, login: Login) -> None:
    first = login(UserFactory())
    second = api(None).post(REFRESH, {"refresh_token": first["refresh_token"]}).json()
    assert api(None).post(LOGOUT, {"refresh_token": first["refresh_token"]}).status_code == 204
    assert api(None).post(REFRESH, {"refresh_token": second["refresh_token"]}).status_code == 401


def test_logout_with_a_token_that_is_no_longer_good_is_no_error(api: Api) -> None:
    assert api(None).post(LOGOUT, {"refresh_token": "a.b.c"}).status_code == 204


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another good phrase"}])
def test_being_switched_off_or_a_new_password_ends_every_session(
    keys: list[SigningKey], change: dict[str, object]
) -> None:
    user = UserFactory()
    pair = begin_family(user)
    user_update(actor=SYSTEM, id=user.pk, fields=change)
    with pytest.raises(Unauthenticated):
        refresh(token=pair.refresh_token)


def test_expired_sessions_are_cleared_away_at_the_next_sign_in(keys: list[SigningKey]) -> None:
    user = UserFactory()
    with later(-13 * 3600):
        begin_family(user)
    begin_family(user)
    assert RefreshFamily.objects.filter(user=user).count() == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 4, 30])), min_size=1, max_size=8))
def test_at_any_order_of_use_a_family_has_one_living_token_or_none(
    keys: list[SigningKey], steps: list[tuple[int, int]]
) -> None:
    """Whoever uses whichever token when: never two branches, and once revoked always revoked."""
    user: User = UserFactory()
    now, revoked = clock.now() - timedelta(hours=1), False
    with clock.pinned(now):
        held = [begin_family(user).refresh_token]
    family = RefreshFamily.objects.get(user=user)
    for which, wait in steps:
        now += timedelta(seconds=wait)
        with clock.pinned(now):
            try:
                held.append(refresh(token=held[which % len(held)]).refresh_token)
                assert not revoked
            except Unauthenticated:
                revoked = True
        family.refresh_from_db()
        assert (family.revoked_at is not None) == revoked
        assert family.tokens.filter(rotated_at=None).count() == 1
    sign_out(token=held[-1])
    with pytest.raises(Unauthenticated):
        refresh(token=held[-1])
