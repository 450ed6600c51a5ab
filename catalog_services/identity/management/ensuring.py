"""Commands that make what is not there and change what differs, or only say whose it would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.core.management.base import CommandError, OutputWrapper
from django.db import transaction

from apps.core.errors import ValidationFailed


def ensure(change: Callable[[], Sequence[str]], *, out: OutputWrapper, dry_run: bool) -> None:
    """Make the ``change``, which gives the names of what it made or changed, and say them; a dry run takes it back.

    Raises ``CommandError`` for what the action refuses.
    """
    try:
        with transaction.atomic():
            changed = change()
            transaction.set_rollback(dry_run)
    except ValidationFailed as error:
        raise CommandError(error.detail) from error
    done = "would make or change" if dry_run else "made or changed"
    out.write(f"{done}: {', '.join(changed)}" if changed else "nothing to change")
