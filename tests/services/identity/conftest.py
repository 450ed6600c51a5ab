"""Identity verifies with its own table: the tests' key is its active one, and every caller has a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from rest_framework.test import APIClient

from catalog_services.identity import keyring
from catalog_services.identity.domain.keys import ACTIVE, NEXT
from catalog_services.identity.models import SigningKey, User
from tests.services.identity.factories import PASSWORD, UserFactory
from tests.support.tokens import Issuer, KeyPair

Login = Callable[..., dict[str, Any]]


class CheapArgon2(Argon2PasswordHasher):
    """The same algorithm at a cost that hundreds of tests can pay."""

    memory_cost = 1024
    time_cost = 1
    parallelism = 1


@pytest.fixture(autouse=True)
def _passwords_hashed_cheaply(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CheapArgon2"]


@pytest.fixture(scope="session")
def next_key() -> KeyPair:
    return KeyPair("test-key-next")


@pytest.fixture
def keys(db: None, signing_key: KeyPair, next_key: KeyPair) -> list[SigningKey]:
    """An active and an announced key."""
    rows = [
        keyring.from_private_key(signing_key.private, ACTIVE, kid=signing_key.kid),
        keyring.from_private_key(next_key.private, NEXT, kid=next_key.kid),
    ]
    for row in rows:
        row.save(force_insert=True)
    return rows


@pytest.fixture
def tokens(keys: list[SigningKey], signing_key: KeyPair) -> Issuer:
    return Issuer(signing_key)


@pytest.fixture
def api(tokens: Issuer) -> Callable[..., APIClient]:
    """``api("admin")``: a client of a user with that role; ``api(user=...)``: of that one; ``api(None)``: of nobody."""

    class JsonClient(APIClient):
        default_format = "json"

    def client(role: str | None = "admin", *, user: User | None = None) -> APIClient:
        made = JsonClient()
        if role == "service":
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.make('service', username='pricing')}")
        elif role is not None or user is not None:
            user = user or UserFactory(roles=[role])
            token = tokens.make(list(user.roles), sub=user.pk, username=user.username)
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return made

    return client


@pytest.fixture
def login(api: Callable[..., APIClient]) -> Login:
    """Sign in over HTTP; the answer's body."""

    def sign_in(user: User, password: str = PASSWORD) -> dict[str, Any]:
        response = api(None).post("/api/v1/auth/login", {"username": user.username, "password": password})
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body

    return sign_in
