"""What is read may be sent back as it was read, also the fields that nobody changes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from apps.core.errors import ValidationFailed, summary
from apps.core.messages import Message


def without_readonly(
    data: Mapping[str, Any],
    readonly: Set[str],
    shown: Mapping[str, Any] | None,
    *,
    momentary: Set[str] = frozenset(),
) -> dict[str, Any]:
    """``data`` without the fields that are only read. ``shown`` is the row's representation; None when the client means
    another version than there is, which the action refuses. ``momentary`` are those that change without a version:
    they are not looked at.

    Raises ``ValidationFailed`` naming each of the others that is not as it is shown.
    """
    wrong = {
        name: [Message("It cannot be changed here: leave it out, or as it is now.")]
        for name in sorted((readonly - momentary) & data.keys())
        if shown is not None and not _same(data[name], shown[name])
    }
    if wrong:
        raise ValidationFailed(summary(wrong), errors=wrong)
    return {name: value for name, value in data.items() if name not in readonly}


def _same(given: Any, shown: Any) -> bool:
    """As JSON has them, where true is not 1."""
    return type(given) is type(shown) and bool(given == shown)
