from __future__ import annotations

from django.conf import settings
from django.db import transaction

from apps.core import clock
from apps.core.errors import Unavailable
from apps.core.writes import one_at_a_time
from catalog_services.identity import keyring
from catalog_services.identity.domain.keys import ACTIVE, NEXT, RETIRING, retires_at
from catalog_services.identity.models import SigningKey

_LOCK = 0x6B657973  # "keys": two rotations at once would each make a key


@transaction.atomic
def keys_generate() -> list[SigningKey]:
    """Make the first keys, one that signs and one announced for the next rotation; returns those it made.

    A key that can no longer be decrypted, because SECRET_KEY is another one now, is replaced; it goes on
    verifying, for which its public half is enough.
    """
    one_at_a_time(_LOCK)
    _retire_what_cannot_sign()
    return _fill()


@transaction.atomic
def keys_rotate(*, compromised: bool = False) -> list[SigningKey]:
    """The announced key starts to sign, the one that signed goes on verifying until its last token expires. An
    announced one that cannot sign, because SECRET_KEY is another one now, is passed over.

    ``compromised``: every key so far is dropped at once, and with it every token; services that have the old
    key set cached believe it for a few minutes more. Returns the keys made.
    """
    one_at_a_time(_LOCK)
    now = clock.now()
    if compromised:
        SigningKey.objects.all().delete()
    else:
        SigningKey.objects.filter(retires_at__lte=now).delete()
        _retire_what_cannot_sign()
        for key in SigningKey.objects.filter(state=ACTIVE):
            _retire(key)
        SigningKey.objects.filter(state=NEXT).update(state=ACTIVE, activated_at=now)
    return _fill()


def _retire_what_cannot_sign() -> None:
    for key in SigningKey.objects.filter(state__in=[ACTIVE, NEXT]):
        try:
            keyring.private_key(key)
        except Unavailable:
            _retire(key)


def _retire(key: SigningKey) -> None:
    longest = max(settings.ACCESS_REFRESH_LIFETIME, settings.ACCESS_TOKEN_LIFETIME)
    key.state = RETIRING
    key.retires_at = retires_at(now=clock.now(), longest_token=longest)
    key.save(update_fields=["state", "retires_at"])


def _fill() -> list[SigningKey]:
    """Make whatever of an active and a next key is missing."""
    made = []
    for state in (ACTIVE, NEXT):
        if not SigningKey.objects.filter(state=state).exists():
            key = keyring.new_key(state)
            key.activated_at = clock.now() if state == ACTIVE else None
            key.save(force_insert=True)
            made.append(key)
    return made
