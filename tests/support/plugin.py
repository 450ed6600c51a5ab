"""Fixtures for every service's tests: ``tokens`` to make bearer tokens, ``api(role)`` to call with one.

The service under test verifies these tokens for real: its JWKS address points to a server of the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from tests.support.tokens import Issuer, Jwks, KeyPair, serving

if TYPE_CHECKING:
    from django.test import Client


def pytest_configure(config: pytest.Config) -> None:
    """Static files are collected by ``manage.py up``; tests do without."""
    config.addinivalue_line("filterwarnings", "ignore:No directory at:UserWarning")


@pytest.fixture(scope="session")
def signing_key() -> KeyPair:
    """The key that the tests' identity signs with."""
    return KeyPair("test-key")


@pytest.fixture(scope="session")
def jwks(signing_key: KeyPair) -> Iterator[Jwks]:
    """The JWKS server of the session."""
    with serving(Jwks(signing_key)) as answering:
        yield answering


@pytest.fixture(scope="session", autouse=True)
def _keys_of_the_tests(request: pytest.FixtureRequest) -> None:
    """Point the service under test to the tests' keys, which are waited for: the process that asks for them is the one
    that answers. Nothing where no settings are in play."""
    if settings.configured and hasattr(settings, "ACCESS_JWKS_URL"):
        from apps.access import keys

        settings.ACCESS_JWKS_URL = request.getfixturevalue("jwks").url
        keys.TIMEOUT_SECONDS = 30.0


@pytest.fixture(autouse=True)
def _principals_written_anew() -> None:
    """Rows vanish with each test's transaction, so what the process remembers of them must too."""
    if settings.configured:
        from django.apps import apps

        if apps.ready and apps.is_installed("apps.access"):
            from apps.access.models import PrincipalManager

            PrincipalManager.forget()


@pytest.fixture(autouse=True)
def _health_of_the_tests_own_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test writes is seen by its own connection only; ``tests/apps/core/test_health.py`` has the threads."""
    if settings.configured:
        from apps.core import health

        monkeypatch.setattr(
            health,
            "side_by_side",
            lambda checks: {name: health.outcome_of(check) for name, check in checks.items()},
        )


@pytest.fixture(autouse=True)
def _language_of_nobody() -> None:
    """A request leaves its language to its thread, which is the tests' own; the next test begins without."""
    if settings.configured:
        from django.utils import translation

        translation.deactivate()


@pytest.fixture
def tokens(signing_key: KeyPair) -> Issuer:
    """``tokens.make("manager", sub=..., username=..., exp=..., aud=...)`` -> a bearer token."""
    return Issuer(signing_key)


@pytest.fixture
def api(tokens: Issuer) -> Callable[..., Client]:
    """``api("viewer")`` -> a client that sends that role's token; ``api(None)`` sends none.

    With DRF installed it is DRF's ``APIClient`` with JSON bodies, else Django's own ``Client``.
    Further keywords are claims: ``api("manager", username="anna")``.
    """

    def client(role: str | list[str] | None = "manager", **claims: Any) -> Client:
        made = _client_class()()
        if role is not None:
            made.defaults["HTTP_AUTHORIZATION"] = f"Bearer {tokens.make(role, **claims)}"
        return made

    return client


@pytest.fixture
def browser(client: Client, tokens: Issuer) -> Callable[..., Client]:
    """``browser("manager")`` -> a client that is signed in to the admin; further keywords are claims."""

    def signed_in(role: str, username: str = "anna", **claims: Any) -> Client:
        client.cookies[settings.ACCESS_COOKIE] = tokens.make(role, username=username, **claims)
        return client

    return signed_in


def _client_class() -> type[Client]:
    from django.apps import apps
    from django.test import Client

    if not apps.is_installed("rest_framework"):
        return Client
    from rest_framework.test import APIClient

    class JsonClient(APIClient):
        default_format = "json"

    return JsonClient
