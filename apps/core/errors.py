"""One hierarchy of typed errors; each is one problem type and one HTTP status (RFC 9457).

Domain rules and actions raise these; the edges (DRF, ninja, admin, gateway, saga) translate them.
Pure Python: the domain may import it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from apps.core.messages import Message

FieldErrors = Mapping[str, Sequence[str]]


class SuiteError(Exception):
    """Something the suite refuses or cannot do, said so that a person can act on it."""

    slug: ClassVar[str] = "error"
    title: ClassVar[str] = Message("The request could not be carried out")
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, errors: FieldErrors | None = None, **extra: object) -> None:
        """``errors`` maps field names to messages; ``extra`` members go into the problem document as they are."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors: dict[str, list[str]] = {k: list(v) for k, v in (errors or {}).items()}
        self.extra = extra


class ValidationFailed(SuiteError):
    """The data breaks a rule; ``errors`` names the fields."""

    slug, title, status = "validation-failed", Message("The data is not valid"), 400


class Unauthenticated(SuiteError):
    """No token, or one that does not verify."""

    slug, title, status = "unauthenticated", Message("Authentication is required"), 401


class Forbidden(SuiteError):
    """The caller is known but may not do this."""

    slug, title, status = "forbidden", Message("This is not allowed for your role"), 403


class NotFound(SuiteError):
    """No such thing."""

    slug, title, status = "not-found", Message("Not found"), 404


class Conflict(SuiteError):
    """The state of things refuses it: in use, already exists, already running, changed meanwhile."""

    slug, title, status = "conflict", Message("The current state does not allow this"), 409


class PreconditionFailed(SuiteError):
    """``If-Match`` named a version that is no longer the current one."""

    slug, title, status = "precondition-failed", Message("It was changed by somebody else meanwhile"), 412


class PayloadTooLarge(SuiteError):
    """The body is over the limit."""

    slug, title, status = "payload-too-large", Message("The body is too large"), 413


class Locked(SuiteError):
    """A publication holds it."""

    slug, title, status = "locked", Message("It is locked by a running publication"), 423


class TooManyRequests(SuiteError):
    """Rate limit reached."""

    slug, title, status = "too-many-requests", Message("Too many requests"), 429


class Unavailable(SuiteError):
    """Something this needs does not answer; trying again later is right."""

    slug, title, status = "unavailable", Message("A part this needs is not available"), 503


class Timeout(SuiteError):
    """Something this needs did not answer in time."""

    slug, title, status = "timeout", Message("A part this needs did not answer in time"), 504


def collect(*checks: FieldErrors) -> None:
    """Raise one ``ValidationFailed`` with every field error of ``checks``; nothing when all are empty."""
    merged: dict[str, list[str]] = {}
    for check in checks:
        for name, messages in check.items():
            merged.setdefault(name, []).extend(messages)
    if merged:
        raise ValidationFailed(summary(merged), errors=merged)


def summary(errors: FieldErrors) -> Message:
    """All field errors in one line, each behind the name of its field."""
    return Message.joined((named(name, messages) for name, messages in errors.items()), "; ")


def named(field: str, messages: Sequence[str]) -> Message:
    """What is wrong with one field, behind its name."""
    return Message("{field}: {wrong}", field=Message.name(field), wrong=Message.joined(messages))
