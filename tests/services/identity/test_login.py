"""POST /api/v1/auth/login."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.db import connection, connections, transaction
from django.test import RequestFactory
from rest_framework.test import APIClient

from apps.access.verify import verify
from apps.core import clock
from apps.core.actor import SYSTEM
from apps.core.errors import Unauthenticated
from catalog_services.identity.actions.sign_in import sign_in
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.api.address import client_address
from catalog_services.identity.models import FailedAttempts, SigningKey, User
from config import env
from tests.services.identity.conftest import Login
from tests.services.identity.factories import PASSWORD, UserFactory
from tests.support.tokens import KeyPair
from tests.support.waiting import eventually

LOGIN = "/api/v1/auth/login"
Api = Callable[..., APIClient]


@pytest.mark.parametrize("sent_as", ["json", "form"])
def test_a_login_answers_a_pair_in_oauth_form(api: Api, sent_as: str) -> None:
    user = UserFactory(roles=["admin", "manager"])
    body = {"username": user.username, "password": PASSWORD}
    client = api(None)
    if sent_as == "form":
        response = client.post(
            LOGIN,
            f"grant_type=password&username={user.username}&password=correct+horse+battery",
            content_type="application/x-www-form-urlencoded",
        )
    else:
        response = client.post(LOGIN, body)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert set(response.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (response.json()["token_type"], response.json()["expires_in"]) == ("bearer", 300)
    caller = verify(response.json()["access_token"])
    assert (caller.id, caller.username, caller.roles) == (user.id, user.username, {"admin", "manager"})


def test_the_access_token_names_its_key_issuer_audience_and_type(
    login: Login, signing_key: KeyPair, keys: list[SigningKey]
) -> None:
    token = login(UserFactory())["access_token"]
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": signing_key.kid}
    claims = jwt.decode(
        token,
        signing_key.private.public_key(),
        algorithms=["RS256"],
        audience=settings.ACCESS_AUDIENCE,
        issuer=settings.ACCESS_ISSUER,
    )
    assert claims["token_type"] == "access"
    assert claims["exp"] - claims["iat"] <= 300


def test_a_name_is_found_in_any_case(api: Api) -> None:
    UserFactory(username="anna.nowak")
    assert api(None).post(LOGIN, {"username": " Anna.Nowak", "password": PASSWORD}).status_code == 200


def test_unknown_name_wrong_password_and_switched_off_user_are_refused_alike(api: Api) -> None:
    known, off = UserFactory(), UserFactory(is_active=False)
    answers = [
        api(None).post(LOGIN, {"username": known.username, "password": "wrong"}),
        api(None).post(LOGIN, {"username": "nobody", "password": PASSWORD}),
        api(None).post(LOGIN, {"username": off.username, "password": PASSWORD}),
    ]
    assert [a.status_code for a in answers] == [401] * 3
    assert all(a["Content-Type"] == "application/problem+json" for a in answers)
    assert len({a.json()["detail"] for a in answers}) == 1


def test_an_unknown_name_costs_the_same_hashing_work(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[str] = []
    hasher = type(identify_hasher(UserFactory().password))
    original = hasher.encode, hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda *a, **k: work.append("hash") or original[0](*a, **k))
    monkeypatch.setattr(hasher, "verify", lambda *a, **k: work.append("hash") or original[1](*a, **k))
    api(None).post(LOGIN, {"username": "nobody", "password": PASSWORD})
    assert work == ["hash"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [{"password": "another good phrase"}, {"is_active": False}])
def test_nobody_gets_in_with_what_is_changed_while_it_is_checked(
    keys: list[SigningKey], change: dict[str, object]
) -> None:
    user = UserFactory()

    def signing_in() -> None:
        try:
            sign_in(username=user.username, password=PASSWORD, address="203.0.113.9")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            user_update(actor=SYSTEM, id=user.pk, fields=change)
            attempt = pool.submit(signing_in)
            eventually(_somebody_waits_for_this_transaction)
        with pytest.raises(Unauthenticated, match="username or the password"):
            attempt.result()
    assert not user.families.filter(revoked_at=None).exists()
    assert FailedAttempts.objects.filter(count=1).count() == 2, "it counts as a failure"


def _somebody_waits_for_this_transaction() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "anna"}, "password"),
        ({"password": "x"}, "username"),
        ({"username": "", "password": "x"}, "username"),
        ({"username": "a" * 151, "password": "x"}, "username"),
        ({"username": "anna", "password": "x" * 1025}, "password"),
        ({"username": ["anna"], "password": "x"}, "username"),
        ({"username": "anna", "password": 12345}, "password"),
        ({"username": "an\x00na", "password": "x"}, "username"),
    ],
)
def test_bad_input_is_400_and_names_the_field(api: Api, body: dict[str, object], field: str) -> None:
    response = api(None).post(LOGIN, body)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"username=a%00b&password=x", "application/x-www-form-urlencoded", 400),
        (b"username=%ff&password=x", "application/x-www-form-urlencoded", 401),
        (b"&".join(b"f%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded", 400),
        (b"x=" + b"y" * 1_100_000, "application/x-www-form-urlencoded", 413),
        (b"<a/>", "application/xml", 415),
    ],
)
def test_malformed_bodies_are_refused_with_a_problem(
    api: Api, raw: bytes, content_type: str, status: int
) -> None:
    response = api(None).generic("POST", LOGIN, raw, content_type=content_type)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_guessing_is_stopped_for_that_name_at_that_address_only(api: Api, settings: object) -> None:
    settings.IDENTITY_FAILURES_PER_NAME = 3  # type: ignore[attr-defined]
    user, other = UserFactory(), UserFactory()
    wrong = {"username": user.username, "password": "wrong"}
    assert [api(None).post(LOGIN, wrong).status_code for _ in range(3)] == [401] * 3
    refused = api(None).post(LOGIN, {"username": user.username.upper(), "password": PASSWORD})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 300
    assert api(None).post(LOGIN, {"username": other.username, "password": PASSWORD}).status_code == 200
    elsewhere = {"username": user.username, "password": PASSWORD}
    assert api(None).post(LOGIN, elsewhere, HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 200


def test_guessing_many_names_is_stopped_per_address(api: Api, settings: object) -> None:
    settings.IDENTITY_FAILURES_PER_ADDRESS = 3  # type: ignore[attr-defined]
    for n in range(3):
        api(None).post(LOGIN, {"username": f"guess{n}", "password": "x"})
    assert api(None).post(LOGIN, {"username": "guess9", "password": "x"}).status_code == 429


def test_a_stranger_cannot_choose_the_address_that_is_counted(api: Api, settings: object) -> None:
    settings.IDENTITY_FAILURES_PER_NAME = 2  # type: ignore[attr-defined]
    peer = {"REMOTE_ADDR": "203.0.113.7"}
    for n in range(2):
        api(None).post(
            LOGIN, {"username": "anna", "password": "x"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}", **peer
        )
    refused = api(None).post(
        LOGIN, {"username": "anna", "password": "x"}, HTTP_X_FORWARDED_FOR="10.0.0.9", **peer
    )
    assert refused.status_code == 429


@pytest.mark.parametrize(
    "forwarded",
    [
        "203.0.113.9, 10.0.0.5",
        "198.51.100.{n}, 203.0.113.9, 10.0.0.7, 10.0.0.5",
        "10.0.0.{n}, 203.0.113.9, 10.0.0.5",
        "nonsense-{n}, 203.0.113.9, not an address, 10.0.0.5",
    ],
    ids=["one proxy", "forged, two proxies", "forged as a proxy", "junk"],
)
def test_behind_trusted_proxies_it_is_the_client_that_is_counted(
    api: Api, settings: object, forwarded: str
) -> None:
    settings.IDENTITY_FAILURES_PER_NAME = 2  # type: ignore[attr-defined]
    settings.IDENTITY_TRUSTED_PROXIES = ["127.0.0.0/8", "10.0.0.0/8"]  # type: ignore[attr-defined]
    user = UserFactory()

    def status(password: str, hops: str) -> int:
        body = {"username": user.username, "password": password}
        return api(None).post(LOGIN, body, HTTP_X_FORWARDED_FOR=hops).status_code

    assert [status("wrong", forwarded.format(n=n)) for n in range(2)] == [401] * 2
    assert status(PASSWORD, forwarded.format(n=9)) == 429
    assert status(PASSWORD, "203.0.113.10, 10.0.0.5") == 200


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("10.0.0.8, 10.0.0.5", "10.0.0.8"),
        ("", "127.0.0.1"),
        ("nonsense, ,", "127.0.0.1"),
    ],
    ids=["only proxies", "none", "only junk"],
)
def test_who_asks_from_among_the_proxies_is_the_farthest_of_them(
    settings: object, forwarded: str, address: str
) -> None:
    settings.IDENTITY_TRUSTED_PROXIES = ["127.0.0.0/8", "10.0.0.0/8"]  # type: ignore[attr-defined]
    request = RequestFactory().post(LOGIN, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address


def test_identity_believes_whom_the_gateway_believes() -> None:
    """Set for the gateway alone, all that come by one load balancer would share one count of failures."""
    told = subprocess.run(
        [sys.executable, "manage.py", "identity", "diffsettings"],
        cwd=env.BASE_DIR,
        env={**os.environ, "GATEWAY_TRUSTED_PROXIES": "203.0.113.0/24"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    line = next(one for one in told.stdout.splitlines() if one.startswith("IDENTITY_TRUSTED_PROXIES"))
    assert "'203.0.113.0/24'" in line
    assert "'127.0.0.0/8'" in line


def test_the_count_ends_with_its_window_and_with_a_success(api: Api, settings: object) -> None:
    settings.IDENTITY_FAILURES_PER_NAME = 2  # type: ignore[attr-defined]
    user = UserFactory()
    wrong, right = ({"username": user.username, "password": p} for p in ("wrong", PASSWORD))
    for _ in range(2):
        api(None).post(LOGIN, wrong)
        assert api(None).post(LOGIN, right).status_code == 200
    for _ in range(2):
        api(None).post(LOGIN, wrong)
    with clock.pinned(clock.now() + timedelta(minutes=6)):
        api(None).post(LOGIN, wrong)
        assert api(None).post(LOGIN, right).status_code == 200
    assert not FailedAttempts.objects.filter(count__gte=2, window_ends_at__lt=clock.now()).exists()


def test_a_bad_bearer_token_is_refused_even_at_the_login(api: Api) -> None:
    user = UserFactory()
    body = {"username": user.username, "password": PASSWORD}
    assert api(None).post(LOGIN, body, HTTP_AUTHORIZATION="Bearer nonsense").status_code == 401


def test_without_a_signing_key_the_login_says_what_is_missing(db: None, api: Api) -> None:
    SigningKey.objects.all().delete()
    user = UserFactory()
    response = api(None).post(LOGIN, {"username": user.username, "password": PASSWORD})
    assert response.status_code == 503
    assert "generate_keys" in response.json()["detail"]
    assert User.objects.get(pk=user.pk).families.count() == 0
