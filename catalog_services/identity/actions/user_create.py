from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import ValidationFailed, named
from apps.core.messages import Message
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.identity.actions.password import set_password
from catalog_services.identity.domain.user import UserFacts
from catalog_services.identity.kinds import USER
from catalog_services.identity.models import User


@transaction.atomic
def user_create(*, actor: Actor, fields: Mapping[str, Any]) -> User:
    """Create a user from the REST fields, ``password`` among them, and begin their history.

    Raises ``ValidationFailed`` and ``Conflict`` (username or external id taken).
    """
    values = dict(fields)
    password = values.pop("password", "")
    if not password:
        needed = [Message("This field is required.")]
        raise ValidationFailed(named("password", needed), errors={"password": needed})
    user = User(**columns(UserFacts().changed(values).checked()))
    set_password(user, password)
    save(user)
    record_change(USER, "Created", user, actor=actor)
    return user
