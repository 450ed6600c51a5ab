"""Identity's public keys, fetched from its JWKS and kept while identity is away (RFC 7517)."""

from __future__ import annotations

import re
import threading
import time
from functools import cache
from typing import Any, Protocol

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.utils.module_loading import import_string

from apps.core import http
from apps.core.errors import Unavailable

log = structlog.get_logger(__name__)

ALGORITHM = "RS256"
FRESH_SECONDS = 300.0
"""How long a fetched set counts as current; identity announces a key long before it signs with it."""
COOL_DOWN_SECONDS = 5.0
"""At most one fetch in this time, so that made-up key ids are no lever against identity."""
RETRY_SECONDS = 1.0
"""The same after a fetch that failed."""
TIMEOUT_SECONDS = 2.0
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
DEFAULT_SOURCE = "apps.access.keys.RemoteKeys"


class KeySource(Protocol):
    """Where public keys come from: the JWKS everywhere, its own table in identity."""

    def get(self, kid: str) -> RSAPublicKey | None:
        """The key of this id; None when there is none; ``Unavailable`` when that cannot be known."""


@cache
def source() -> KeySource:
    """This process's key source: ``settings.ACCESS_KEY_SOURCE``, by default the JWKS."""
    made: KeySource = import_string(getattr(settings, "ACCESS_KEY_SOURCE", DEFAULT_SOURCE))()
    return made


def key_of(kid: str) -> RSAPublicKey | None:
    """The key that a token names; an id that cannot be one of ours is looked up nowhere, and is the same as unknown.

    Raises ``Unavailable`` when it cannot be known.
    """
    return source().get(kid) if _KEY_ID.fullmatch(kid) else None


class RemoteKeys:
    """The JWKS at ``settings.ACCESS_JWKS_URL``, cached for the process; safe between threads.

    A known key never waits: only an unknown key id or an old set makes one thread fetch. When identity
    does not answer, the keys known so far go on serving.
    """

    def __init__(self) -> None:
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at = self._next_try_at = float("-inf")
        self._lock = threading.Lock()

    def get(self, kid: str) -> RSAPublicKey | None:
        key = self._keys.get(kid)
        if key is None:
            with self._lock:
                if kid not in self._keys:
                    self._refresh()
        elif time.monotonic() - self._fetched_at > FRESH_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        if not self._keys:
            raise Unavailable("The identity service does not answer: tokens cannot be verified.")
        return self._keys.get(kid)

    def _refresh(self) -> None:
        """Fetch the set, at most once per cool-down; keep the old one when that fails. Needs the lock."""
        if time.monotonic() < self._next_try_at:
            return
        try:
            self._keys = _fetch(settings.ACCESS_JWKS_URL)
        except (httpx.HTTPError, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            log.warning("jwks_unavailable", reason=type(error).__name__, keys_kept=len(self._keys))
            self._next_try_at = time.monotonic() + RETRY_SECONDS
        else:
            self._fetched_at = time.monotonic()
            self._next_try_at = self._fetched_at + COOL_DOWN_SECONDS


def _fetch(url: str) -> dict[str, RSAPublicKey]:
    """Every RS256 signing key of the set by its id; ``ValueError`` when there is none."""
    with http.client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
        response = client.get(url)
    response.raise_for_status()
    found = {entry["kid"]: _public_key(entry) for entry in response.json()["keys"] if _signs(entry)}
    if not found:
        raise ValueError("The key set is empty.")
    return found


def _signs(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and isinstance(entry.get("kid"), str)
    )


def _public_key(entry: dict[str, Any]) -> RSAPublicKey:
    key = jwt.PyJWK(entry, algorithm=ALGORITHM).key
    if not isinstance(key, RSAPublicKey):
        raise TypeError("A key set must hold public keys only.")
    return key
