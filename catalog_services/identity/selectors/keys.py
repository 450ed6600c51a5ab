"""Signing keys, read."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.db.models import Q, QuerySet

from apps.core import clock
from apps.core.errors import Unavailable
from apps.core.messages import Message
from catalog_services.identity import keyring
from catalog_services.identity.domain.keys import ACTIVE
from catalog_services.identity.models import SigningKey


def active_key() -> SigningKey:
    """The key that signs; ``Unavailable`` before ``generate_keys`` has run."""
    key = SigningKey.objects.filter(state=ACTIVE).first()
    if key is None:
        raise Unavailable(Message("There is no signing key yet. Run: {command}", command=keyring.MADE_BY))
    return key


def published_keys() -> QuerySet[SigningKey]:
    """Every key that a verifier should know: announced, signing, or still verifying."""
    return SigningKey.objects.filter(Q(retires_at=None) | Q(retires_at__gt=clock.now())).order_by(
        "created_at"
    )


def jwks() -> dict[str, Any]:
    """The JSON Web Key Set: public halves only."""
    return {"keys": [keyring.jwk(row) for row in published_keys()]}


class TableKeys:
    """Identity's own key source: its table, so that a revoked key is refused at once."""

    def get(self, kid: str) -> RSAPublicKey | None:
        row = published_keys().filter(kid=kid).only("public_pem").first()
        return keyring.public_key(row.public_pem) if row else None
