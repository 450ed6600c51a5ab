"""Key pairs: made, encrypted for the table, decrypted for signing. Private keys never leave this process."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.utils.crypto import salted_hmac
from jwt.algorithms import RSAAlgorithm

from apps.core.errors import Unavailable
from apps.core.messages import Message
from catalog_services.identity.domain.keys import ALGORITHM, KEY_BITS
from catalog_services.identity.models import SigningKey

MADE_BY = "manage.py identity generate_keys"


def new_key(state: str) -> SigningKey:
    """An unsaved key pair in ``state``."""
    return from_private_key(generate_private_key(public_exponent=65537, key_size=KEY_BITS), state)


def from_private_key(private: RSAPrivateKey, state: str, *, kid: str = "") -> SigningKey:
    """A key pair as a row; its id is its RFC 7638 thumbprint unless one is given."""
    public = private.public_key()
    kid = kid or _thumbprint(public)
    encrypted = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_passphrase(kid))
    )
    public_pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(
        kid=kid, state=state, public_pem=public_pem.decode(), private_pem_encrypted=encrypted.decode()
    )


def private_key(row: SigningKey) -> RSAPrivateKey:
    """The decrypted private key; ``Unavailable`` when SECRET_KEY is not the one it was encrypted under."""
    return _decrypted(row.kid, row.private_pem_encrypted)


@lru_cache(maxsize=64)
def public_key(public_pem: str) -> RSAPublicKey:
    key = load_pem_public_key(public_pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise TypeError("Signing keys are RSA keys.")
    return key


def jwk(row: SigningKey) -> dict[str, Any]:
    """The public half as a JSON Web Key (RFC 7517)."""
    public = RSAAlgorithm.to_jwk(public_key(row.public_pem), as_dict=True)
    return {
        "kty": public["kty"],
        "use": "sig",
        "alg": ALGORITHM,
        "kid": row.kid,
        "n": public["n"],
        "e": public["e"],
    }


@lru_cache(maxsize=8)
def _decrypted(kid: str, encrypted_pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(encrypted_pem.encode(), _passphrase(kid))
    except ValueError as error:
        raise Unavailable(
            Message(
                "The signing key cannot be decrypted: DJANGO_SECRET_KEY has changed. Run: {command}",
                command=MADE_BY,
            )
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("Signing keys are RSA keys.")
    return key


def _passphrase(kid: str) -> bytes:
    return salted_hmac("catalog_services.identity.keyring", kid, algorithm="sha256").hexdigest().encode()


def _thumbprint(public: RSAPublicKey) -> str:
    members = RSAAlgorithm.to_jwk(public, as_dict=True)
    canonical = json.dumps({name: members[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    return urlsafe_b64encode(sha256(canonical.encode()).digest()).rstrip(b"=").decode()
