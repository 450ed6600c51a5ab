"""Tokens as identity would issue them, signed by a key of the tests and served over a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from uuid import UUID, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from jwt.algorithms import RSAAlgorithm

PEOPLE = UUID("01890000-0000-7000-8000-000000000000")


class KeyPair:
    """One RS256 key with its id."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @cached_property
    def private_pem(self) -> bytes:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @cached_property
    def jwk(self) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", "alg": "RS256"}


class Issuer:
    """Makes tokens for ``settings``' issuer and audience with one key."""

    def __init__(self, key: KeyPair) -> None:
        self.key = key

    def claims(
        self,
        role: str | list[str] = "manager",
        *,
        sub: str | UUID | None = None,
        username: str | None = None,
        **overrides: Any,
    ) -> dict[str, Any]:
        """An access token's claims; ``overrides`` replace claims, and ``None`` removes one.

        The same username always is the same ``sub``.
        """
        roles = [role] if isinstance(role, str) else role
        name = username or f"test-{'-'.join(roles) or 'nobody'}"
        now = int(time())
        claims = {
            "iss": settings.ACCESS_ISSUER,
            "aud": settings.ACCESS_AUDIENCE,
            "token_type": "access",
            "iat": now,
            "exp": now + 300,
            "jti": f"test-{now}",
            "sub": str(sub or uuid5(PEOPLE, name)),
            "username": name,
            "roles": roles,
        }
        claims.update(overrides)
        return {name: value for name, value in claims.items() if value is not None}

    def make(self, role: str | list[str] = "manager", **claims: Any) -> str:
        """A signed access token; see ``claims``."""
        return self.sign(self.claims(role, **claims))

    def sign(
        self,
        claims: dict[str, Any],
        *,
        algorithm: str = "RS256",
        key: Any = None,
        headers: dict[str, Any] | None = None,
    ) -> str:
        return jwt.encode(
            claims,
            self.key.private if key is None else key,
            algorithm=algorithm,
            headers={"kid": self.key.kid, **(headers or {})},
        )


class Jwks:
    """A JWKS endpoint whose keys, failures and requests the test sees; ``url`` is where it answers."""

    def __init__(self, *keys: KeyPair) -> None:
        self.keys = list(keys)
        self.broken = False
        self.requests = 0
        self.url = ""

    def body(self) -> bytes:
        return json.dumps({"keys": [key.jwk for key in self.keys]}).encode()


@contextmanager
def serving(jwks: Jwks) -> Iterator[Jwks]:
    """``jwks`` answers on a free local port within this block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            jwks.requests += 1
            body = b"" if jwks.broken else jwks.body()
            self.send_response(500 if jwks.broken else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    jwks.url = f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
    try:
        yield jwks
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
