"""Signing keys: made once, rotated with overlap, published without their private half."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.core.management import call_command
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

from apps.access.verify import verify
from apps.core import clock
from apps.core.errors import Unauthenticated, Unavailable
from catalog_services.identity import keyring
from catalog_services.identity.actions.keys_rotate import keys_generate, keys_rotate
from catalog_services.identity.actions.refresh import refresh
from catalog_services.identity.actions.sign_in import begin_family
from catalog_services.identity.models import SigningKey
from catalog_services.identity.tokens import TokenPair
from tests.services.identity.factories import UserFactory

Api = Callable[..., APIClient]


def states() -> list[str]:
    return list(SigningKey.objects.order_by("created_at", "kid").values_list("state", flat=True))


def test_generate_makes_a_signing_and_an_announced_key_once(db: None) -> None:
    call_command("generate_keys")
    made = set(SigningKey.objects.values_list("kid", "state"))
    call_command("generate_keys")
    assert {state for _, state in made} == {"active", "next"}
    assert set(SigningKey.objects.values_list("kid", "state")) == made


def test_a_dry_run_makes_and_changes_no_key(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("generate_keys", "--dry-run")
    assert capsys.readouterr().out.splitlines() == ["would make a key (active)", "would make a key (next)"]
    assert states() == []
    call_command("generate_keys")
    before = set(SigningKey.objects.values_list("kid", "state"))
    for arguments in (["rotate_keys"], ["rotate_keys", "--compromised"], ["generate_keys"]):
        call_command(*arguments, "--dry-run")
        assert set(SigningKey.objects.values_list("kid", "state")) == before


@pytest.mark.django_db(transaction=True)
def test_generating_at_the_same_time_makes_no_second_pair() -> None:
    def generate(_: int) -> None:
        keys_generate()
        connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(generate, range(3)))
    assert sorted(states()) == ["active", "next"]


def test_rotation_keeps_every_token_good_until_it_expires(keys: list[SigningKey]) -> None:
    before = begin_family(UserFactory())
    keys_rotate()
    after = refresh(token=before.refresh_token)
    assert verify(before.access_token).id == verify(after.access_token).id
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before.access_token, after.access_token)]
    assert kids == [key.kid for key in keys]


def test_the_key_that_takes_over_was_announced_before(api: Api, keys: list[SigningKey]) -> None:
    announced = {key["kid"] for key in api(None).get("/.well-known/jwks.json").json()["keys"]}
    keys_rotate()
    assert SigningKey.objects.get(state="active").kid in announced


def test_a_retired_key_goes_when_its_last_token_has_expired(api: Api, keys: list[SigningKey]) -> None:
    old = keys[0].kid
    keys_rotate()

    def published() -> set[str]:
        return {key["kid"] for key in api(None).get("/.well-known/jwks.json").json()["keys"]}

    with clock.pinned(clock.now() + timedelta(hours=12)):
        assert old in published()
    with clock.pinned(clock.now() + timedelta(hours=12, minutes=11)):
        assert old not in published()
        keys_rotate()
        assert not SigningKey.objects.filter(kid=old).exists()


def test_a_compromised_key_verifies_nothing_at_once(keys: list[SigningKey]) -> None:
    pair = begin_family(UserFactory())
    call_command("rotate_keys", "--compromised")
    with pytest.raises(Unauthenticated):
        verify(pair.access_token)
    with pytest.raises(Unauthenticated):
        refresh(token=pair.refresh_token)
    assert begin_family(UserFactory())


def test_the_key_set_holds_public_members_only(api: Api, keys: list[SigningKey]) -> None:
    response = api(None).get("/.well-known/jwks.json")
    assert response.status_code == 200
    assert "max-age" in response["Cache-Control"]
    assert len(response.json()["keys"]) == 2
    for key in response.json()["keys"]:
        assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_the_public_key_endpoint_answers_the_signing_key_as_pem(api: Api, keys: list[SigningKey]) -> None:
    body = api(None).get("/api/v1/auth/public-key").json()
    assert set(body) == {"public_key", "algorithm", "kid"}
    assert (body["algorithm"], body["kid"]) == ("RS256", keys[0].kid)
    token = begin_family(UserFactory()).access_token
    key = load_pem_public_key(body["public_key"].encode())
    assert jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})  # type: ignore[arg-type]


def test_the_private_key_in_the_table_is_of_no_use_without_the_secret_key(db: None, settings: object) -> None:
    row = keyring.new_key("active")
    assert "ENCRYPTED" in row.private_pem_encrypted
    with pytest.raises(TypeError):
        load_pem_private_key(row.private_pem_encrypted.encode(), password=None)
    settings.SECRET_KEY = "another secret key, after the table was copied"  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match="SECRET_KEY"):
        keyring.private_key(row)


def test_a_key_id_is_the_keys_own_thumbprint(db: None) -> None:
    one, other = keyring.new_key("active"), keyring.new_key("next")
    assert one.kid != other.kid
    assert keyring.from_private_key(keyring.private_key(one), "next").kid == one.kid


@pytest.fixture
def another_secret_key(keys: list[SigningKey], settings: Any) -> TokenPair:
    """DJANGO_SECRET_KEY is another one now; the tokens of a sign-in before that."""
    before = begin_family(UserFactory())
    keyring._decrypted.cache_clear()
    settings.SECRET_KEY = "a new secret key, because the old one was lost"
    return before


def test_keys_encrypted_under_another_secret_key_are_replaced_and_go_on_verifying(
    keys: list[SigningKey], another_secret_key: TokenPair
) -> None:
    with pytest.raises(Unavailable, match="generate_keys"):
        begin_family(UserFactory())
    call_command("generate_keys")
    after = begin_family(UserFactory())
    assert verify(another_secret_key.access_token)
    assert jwt.get_unverified_header(after.access_token)["kid"] not in {key.kid for key in keys}


def test_who_was_signed_in_under_another_secret_key_stays_so_until_the_keys_are_dropped(
    another_secret_key: TokenPair,
) -> None:
    call_command("generate_keys")
    renewed = refresh(token=another_secret_key.refresh_token)
    call_command("rotate_keys", "--compromised")
    for token in (another_secret_key.refresh_token, renewed.refresh_token):
        with pytest.raises(Unauthenticated):
            refresh(token=token)


def test_a_rotation_passes_over_an_announced_key_that_cannot_be_decrypted(
    another_secret_key: TokenPair,
) -> None:
    keys_rotate()
    assert verify(begin_family(UserFactory()).access_token)
    assert verify(another_secret_key.access_token)


@pytest.mark.django_db(transaction=True)
def test_readiness_tells_whether_there_is_a_key_to_sign_with_and_does_not_wait_for_it(settings: Any) -> None:
    def told() -> dict[str, str]:
        answer = Client().get("/health/ready")
        assert answer.status_code == 200
        part: dict[str, str] = answer.json()["parts"]["signing_key"]
        return part

    assert "generate_keys" in told()["reason"]
    keys_generate()
    assert told()["status"] == "up"
    keyring._decrypted.cache_clear()
    settings.SECRET_KEY = "another secret key"
    assert "DJANGO_SECRET_KEY" in told()["reason"]
    keys_generate()
    assert told()["status"] == "up"
