"""What every action does around its rule: lock, compare versions, insert with a clear error for duplicates."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from apps.core.errors import Conflict, NotFound, PreconditionFailed
from apps.core.models import Aggregate

Row = TypeVar("Row", bound=Aggregate)


def lock(model: type[Row], id_: UUID, *, expected_version: int | None) -> Row:
    """The row, locked until the transaction ends.

    Raises ``NotFound``, or ``PreconditionFailed`` when it no longer has the version the caller saw.
    """
    row = model._default_manager.select_for_update().filter(pk=id_).first()
    if row is None:
        raise NotFound(f"There is no {model._meta.verbose_name} with id {id_}.")
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailed(
            f"You saw version {expected_version}; it is at version {row.version} now. Read it again and repeat.",
            current_version=row.version,
        )
    return row


def save(row: Row) -> Row:
    """Insert or update; a duplicate of a unique field is a ``Conflict`` that names the field and its holder's id."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise _duplicate(row) from error
        raise
    return row


def _duplicate(row: Aggregate) -> Conflict:
    for field in row._meta.fields:
        value = getattr(row, field.attname)
        if not field.unique or field.primary_key or value is None:
            continue
        holder = type(row)._default_manager.filter(**{field.attname: value}).exclude(pk=row.pk).first()
        if holder is not None:
            message = f"There is a {row._meta.verbose_name} with this {field.name} already."
            return Conflict(message, errors={field.name: [message]}, existing_id=str(holder.pk))
    return Conflict()
