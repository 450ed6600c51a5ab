from __future__ import annotations

from datetime import datetime

from apps.core.errors import FieldErrors
from apps.core.messages import Message


def check_validity(valid_from: datetime | None, valid_to: datetime | None) -> FieldErrors:
    """A period ends after it starts; either end may be open."""
    if valid_from and valid_to and valid_to <= valid_from:
        return {"valid_to": [Message("Must be after {field}.", field=Message.name("valid_from"))]}
    return {}
