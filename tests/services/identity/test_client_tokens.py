"""POST /api/v1/auth/token: OAuth 2 client credentials for services."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from apps.access.verify import verify
from catalog_services.identity.actions.clients_ensure import clients_ensure
from catalog_services.identity.models import Client
from config.services import SERVICES

TOKEN = "/api/v1/auth/token"
FORM = "application/x-www-form-urlencoded"
Api = Callable[..., APIClient]


@pytest.fixture
def client_secret(db: None) -> str:
    clients_ensure(secrets={"pricing": "s3cret:with/odd+signs"})
    return "s3cret:with/odd+signs"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a_service_gets_a_short_token_with_the_service_role_and_no_refresh_token(
    api: Api, client_secret: str
) -> None:
    body = {"grant_type": "client_credentials", "client_id": "pricing", "client_secret": client_secret}
    response = api(None).post(TOKEN, body)
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in"}
    caller = verify(response.json()["access_token"])
    assert (caller.id, caller.username, caller.roles) == (Client.objects.get().id, "pricing", {"service"})


@pytest.mark.parametrize("credentials", ["pricing:s3cret%3Awith%2Fodd%2Bsigns"])
def test_id_and_secret_may_come_as_http_basic(api: Api, client_secret: str, credentials: str) -> None:
    response = api(None).post(
        TOKEN, "grant_type=client_credentials", content_type=FORM, HTTP_AUTHORIZATION=basic(credentials)
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "header",
    [basic("pricing:wrong"), basic("nobody:x"), basic("no-colon"), "Basic %%%", "Basic", basic("a\x00:b")],
)
def test_wrong_basic_credentials_are_401(api: Api, client_secret: str, header: str) -> None:
    response = api(None).post(
        TOKEN, "grant_type=client_credentials", content_type=FORM, HTTP_AUTHORIZATION=header
    )
    assert response.status_code in {400, 401}
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "credentials", ["pricing%00:x", "pricing:%00", f"{'%61' * 101}:x", f"pricing:{'%61' * 1025}"]
)
def test_basic_credentials_are_judged_as_they_are_meant(
    api: Api, client_secret: str, credentials: str
) -> None:
    response = api(None).post(
        TOKEN, "grant_type=client_credentials", content_type=FORM, HTTP_AUTHORIZATION=basic(credentials)
    )
    assert response.status_code == 401
    assert response.json()["detail"] == "The Authorization header is not valid HTTP Basic."


def test_a_long_secret_counts_by_its_characters_not_by_their_encoding(api: Api, db: None) -> None:
    clients_ensure(secrets={"pricing": "ä" * 1024})
    response = api(None).post(
        TOKEN,
        "grant_type=client_credentials",
        content_type=FORM,
        HTTP_AUTHORIZATION=basic(f"pricing:{'%C3%A4' * 1024}"),
    )
    assert response.status_code == 200


def test_a_wrong_secret_an_unknown_and_a_switched_off_client_are_refused_alike(
    api: Api, client_secret: str
) -> None:
    clients_ensure(secrets={"store": client_secret})
    Client.objects.filter(client_id="store").update(is_active=False)
    answers = [
        api(None).post(
            TOKEN, {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        )
        for name, secret in [("pricing", "wrong"), ("nobody", client_secret), ("store", client_secret)]
    ]
    assert [a.status_code for a in answers] == [401] * 3
    assert len({a.json()["detail"] for a in answers}) == 1
    assert {a.json()["error"] for a in answers} == {"invalid_client"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"client_id": "a", "client_secret": "b"}, ["grant_type"]),
        ({"grant_type": "password", "client_id": "a", "client_secret": "b"}, ["grant_type"]),
        ({"grant_type": "client_credentials"}, ["client_id", "client_secret"]),
        ({"grant_type": "client_credentials", "client_id": "pricing"}, ["client_secret"]),
    ],
)
def test_bad_input_names_the_field(api: Api, body: dict[str, str], fields: list[str]) -> None:
    response = api(None).post(TOKEN, body)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == fields


def test_guessing_a_client_secret_is_stopped(api: Api, client_secret: str, settings: Any) -> None:
    settings.IDENTITY_FAILURES_PER_NAME = 2
    body = {"grant_type": "client_credentials", "client_id": "pricing"}
    for _ in range(2):
        api(None).post(TOKEN, {**body, "client_secret": "wrong"})
    assert api(None).post(TOKEN, {**body, "client_secret": client_secret}).status_code == 429


def test_ensure_clients_makes_every_service_of_the_registry_known_once(
    db: None, settings: Any, capsys: Any
) -> None:
    settings.IDENTITY_CLIENT_SECRETS = dict.fromkeys(SERVICES, "one shared secret")
    call_command("ensure_clients")
    ids = set(Client.objects.values_list("client_id", "id"))
    call_command("ensure_clients")
    assert {name for name, _ in ids} == set(SERVICES)
    assert set(Client.objects.values_list("client_id", "id")) == ids
    assert "nothing to change" in capsys.readouterr().out


def test_a_dry_run_says_whose_secret_would_change_and_changes_none(
    db: None, settings: Any, capsys: Any
) -> None:
    clients_ensure(secrets={"pricing": "before", "store": "before"})
    before = list(Client.objects.values())
    settings.IDENTITY_CLIENT_SECRETS = {"pricing": "after", "store": "before", "offering": "new"}
    call_command("ensure_clients", "--dry-run")
    assert capsys.readouterr().out == "would make or change: pricing, offering\n"
    assert list(Client.objects.values()) == before
    call_command("ensure_clients")
    assert capsys.readouterr().out == "made or changed: pricing, offering\n"


def test_a_changed_secret_keeps_the_clients_id(db: None) -> None:
    clients_ensure(secrets={"pricing": "before"})
    id_before = Client.objects.get().id
    assert clients_ensure(secrets={"pricing": "after"}) == ["pricing"]
    assert Client.objects.get().id == id_before


def test_an_empty_secret_is_refused(db: None, settings: Any) -> None:
    settings.IDENTITY_CLIENT_SECRETS = {"pricing": ""}
    with pytest.raises(CommandError, match="SERVICE_CLIENT_SECRET"):
        call_command("ensure_clients")
    assert not Client.objects.exists()


def test_secrets_are_kept_as_argon2_only(client_secret: str) -> None:
    assert Client.objects.get().secret_hash.startswith("argon2")
