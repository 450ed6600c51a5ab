"""Tokens nobody may get in with. Every service's tests subclass ``HostileTokens`` for one of its endpoints.

class TestHostileTokens(HostileTokens):
    path = "/api/v1/prices"
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from time import time
from typing import Any, ClassVar

import jwt
import pytest
from django.conf import settings
from django.test import Client

from tests.support.tokens import Issuer, KeyPair

Case = Callable[[Issuer], str]


def _segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _by_hand(header: Any, claims: Any, signature: bytes = b"x") -> str:
    return f"{_segment(header)}.{_segment(claims)}.{_segment(signature)}"


def _hs256_with_public_key(issuer: Issuer) -> str:
    """The classic confusion: the public key, known to all, used as an HMAC secret."""
    header = {"alg": "HS256", "typ": "JWT", "kid": issuer.key.kid}
    signed = f"{_segment(header)}.{_segment(issuer.claims('admin'))}"
    signature = hmac.new(issuer.key.public_pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_segment(signature)}"


def _tampered(issuer: Issuer) -> str:
    header, _, signature = issuer.make("viewer").split(".")
    return f"{header}.{_segment(issuer.claims('admin'))}.{signature}"


def _embedded_key(issuer: Issuer) -> str:
    """A token that brings its own key along in its header."""
    own = KeyPair(issuer.key.kid)
    return Issuer(own).sign(issuer.claims("admin"), headers={"jwk": own.jwk, "jku": "http://127.0.0.1:9/"})


CASES: dict[str, Case] = {
    "unknown key": lambda issuer: Issuer(KeyPair("unknown-key")).make("admin"),
    "known key id, other key": lambda issuer: Issuer(KeyPair(issuer.key.kid)).make("admin"),
    "brings its own key": _embedded_key,
    "no key id": lambda issuer: jwt.encode(issuer.claims("admin"), issuer.key.private, algorithm="RS256"),
    "key id is a number": lambda issuer: _by_hand({"alg": "RS256", "kid": 1}, issuer.claims("admin")),
    "key id with a NUL": lambda issuer: _by_hand({"alg": "RS256", "kid": "a\x00b"}, issuer.claims("admin")),
    "key id is half a character": lambda issuer: _by_hand(
        {"alg": "RS256", "kid": "\ud800"}, issuer.claims("admin")
    ),
    "key id without end": lambda issuer: _by_hand(
        {"alg": "RS256", "kid": "k" * 1000}, issuer.claims("admin")
    ),
    "expired": lambda issuer: issuer.make("admin", iat=int(time()) - 700, exp=int(time()) - 60),
    "without expiry": lambda issuer: issuer.make("admin", exp=None),
    "not yet issued": lambda issuer: issuer.make("admin", iat=int(time()) + 600, exp=int(time()) + 900),
    "wrong audience": lambda issuer: issuer.make("admin", aud="somewhere-else"),
    "without audience": lambda issuer: issuer.make("admin", aud=None),
    "wrong issuer": lambda issuer: issuer.make("admin", iss="https://evil.example"),
    "alg none": lambda issuer: jwt.encode(
        issuer.claims("admin"), None, algorithm="none", headers={"kid": issuer.key.kid}
    ),
    "alg none, kept signature": lambda issuer: _by_hand(
        {"alg": "none", "kid": issuer.key.kid}, issuer.claims("admin")
    ),
    "HS256 with the public key": _hs256_with_public_key,
    "other RSA algorithm": lambda issuer: issuer.sign(issuer.claims("admin"), algorithm="RS512"),
    "refresh used as access": lambda issuer: issuer.make("admin", token_type="refresh"),
    "without type": lambda issuer: issuer.make("admin", token_type=None),
    "tampered claims": _tampered,
    "subject is no id": lambda issuer: issuer.make("admin", sub="admin"),
    "without subject": lambda issuer: issuer.sign(
        {name: value for name, value in issuer.claims("admin").items() if name != "sub"}
    ),
    "roles are no list": lambda issuer: issuer.make("admin", roles="admin"),
    "garbage": lambda issuer: "garbage",
    "two dots of garbage": lambda issuer: "a.b.c",
    "empty": lambda issuer: "",
    "two tokens": lambda issuer: f"{issuer.make('admin')} {issuer.make('admin')}",
    "deeply nested header": lambda issuer: _by_hand(b"[" * 2500, {}),
    "oversized": lambda issuer: issuer.make("admin", padding="x" * 60_000),
    "NUL": lambda issuer: f"{issuer.make('admin')}\x00",
    "not ASCII": lambda issuer: f"{issuer.make('admin')}\u00e9",
}


class HostileTokens:
    """Each case is refused with 401 and a problem document, before anything else is looked at."""

    path: ClassVar[str]
    method: ClassVar[str] = "get"

    @pytest.mark.parametrize("case", CASES)
    def test_a_hostile_token_is_refused_with_401(
        self, case: str, tokens: Issuer, request: pytest.FixtureRequest
    ) -> None:
        if settings.DATABASES.get("default", {}).get("NAME"):
            request.getfixturevalue("db")
        token = CASES[case](tokens)
        response = getattr(Client(), self.method)(self.path, headers={"Authorization": f"Bearer {token}"})
        assert_unauthenticated(response)


def assert_unauthenticated(response: Any) -> None:
    """A 401 as it should be: a problem document that says so and how to authenticate."""
    assert response.status_code == 401, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    body = response.json()
    assert body["status"] == 401
    assert body["type"].endswith("/unauthenticated")
    assert body["detail"]
    assert body["correlation_id"]
