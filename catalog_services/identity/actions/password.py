from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.core import clock
from apps.core.errors import ValidationFailed, named
from catalog_services.identity.models import User


def set_password(user: User, password: str) -> None:
    """Hash a new password into the unsaved row, with the time; ``ValidationFailed`` at ``password`` when it is too
    weak."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise ValidationFailed(
            named("password", error.messages), errors={"password": error.messages}
        ) from error
    user.set_password(password)
    user.password_changed_at = clock.now()
