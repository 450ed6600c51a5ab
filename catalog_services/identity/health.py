"""What /health/ready says of the signing key: it is told and does not decide, for tokens are still verified."""

from __future__ import annotations

from apps.core import health


def register() -> None:
    health.register("signing_key", signing_key, required=False)


def signing_key() -> None:
    """Raises ``Unavailable`` when there is none, or when it cannot be decrypted: nobody can sign in or renew, and no
    service gets a token."""
    from catalog_services.identity import keyring
    from catalog_services.identity.selectors.keys import active_key

    keyring.private_key(active_key())
