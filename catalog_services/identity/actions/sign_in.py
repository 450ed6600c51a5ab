from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.core import clock
from apps.core.errors import Unauthenticated
from apps.core.messages import Message
from apps.outbox.retention import forget_history
from catalog_services.identity.actions import throttle
from catalog_services.identity.models import RefreshFamily, RefreshToken, User
from catalog_services.identity.tokens import TokenPair, pair

WRONG = Message("The username or the password is wrong.")


def sign_in(*, username: str, password: str, address: str) -> TokenPair:
    """Check a password and begin a refresh family.

    Raises ``TooManyRequests`` after too many failures, else ``Unauthenticated`` with the same words and after the
    same work for an unknown name, a wrong password and a user who is switched off.
    """
    name = username.strip().lower()
    throttle.refuse_if_exhausted(name=name, address=address)
    user = User.objects.filter(username=name).first()
    if user is None:
        make_password(
            password
        )  # the work of checking one, so that time does not tell whether the name exists
    elif user.check_password(password) and user.is_active:
        with suppress(Unauthenticated):
            made = begin_family(user)
            throttle.forgive(name=name, address=address)
            return made
    throttle.count_failure(name=name, address=address)
    raise Unauthenticated(WRONG)


@transaction.atomic
def begin_family(user: User) -> TokenPair:
    """A first pair for a user who has shown who they are; also clears away what has expired of theirs, and of the
    history of users: there is no relay that would.

    Raises ``Unauthenticated`` when the password was changed or the user switched off since ``user`` was read: such a
    change ends the sessions that it finds, so none may begin behind its back.
    """
    unchanged = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    current = unchanged.select_for_update().first()
    if current is None:
        raise Unauthenticated(WRONG)
    now = clock.now()
    RefreshFamily.objects.filter(user=current, expires_at__lt=now).delete()
    expires_at = now + settings.ACCESS_REFRESH_LIFETIME
    family = RefreshFamily.objects.create(user=current, expires_at=expires_at)
    row = RefreshToken.objects.create(family=family, issued_at=now, expires_at=expires_at)
    current.last_login = now
    current.save(update_fields=["last_login"])
    transaction.on_commit(forget_history, robust=True)
    return pair(row, current)
