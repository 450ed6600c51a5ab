"""What every action does around its rule: lock, compare versions, insert with a clear error for duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, UniqueConstraint
from psycopg.errors import UniqueViolation
from psycopg.sql import SQL, Identifier

from apps.core.errors import Conflict, NotFound, PreconditionFailed
from apps.core.messages import Message
from apps.core.models import Aggregate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def lock[Row: Aggregate](model: type[Row], id_: UUID, *, expected_version: int | None) -> Row:
    """The row, locked until the transaction ends.

    Raises ``NotFound``, or ``PreconditionFailed`` when it no longer has the version the caller saw.
    """
    row = model._default_manager.select_for_update().filter(pk=id_).first()
    if row is None:
        raise NotFound(Message("There is no {kind} with id {ids}.", kind=_kind(model), ids=id_))
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailed(
            Message(
                "You saw version {seen}; it is at version {current} now. Read it again and repeat.",
                seen=expected_version,
                current=row.version,
            ),
            current_version=row.version,
        )
    return row


def hold(model: type[Aggregate], ids: Iterable[UUID]) -> None:
    """Rows that are referred to stay until the transaction ends: who deletes one waits. Whether they are there is
    for the caller to see after this."""
    query = SQL("SELECT FROM {} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE")
    with connection.cursor() as cursor:
        cursor.execute(query.format(Identifier(model._meta.db_table)), [list(ids)])


def one_at_a_time(key: int) -> None:
    """Until this transaction ends, who else comes here with ``key`` waits: for rules over many rows, of which two
    writers side by side would each see the old ones. Before any row is locked, or two wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def save[Row: Aggregate](row: Row) -> Row:
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
    """Who holds the value: looked for by every unique field and every constraint, among the rows it is for."""
    singles = [((field.name,), Q()) for field in row._meta.fields if field.unique and not field.primary_key]
    others = [
        (c.fields, c.condition or Q()) for c in row._meta.constraints if isinstance(c, UniqueConstraint)
    ]
    for names, among in (*singles, *others):
        taken = {name: getattr(row, name) for name in names}
        if len(names) == 1 and taken[names[0]] is None:  # nulls differ in a unique column
            continue
        holder = type(row)._default_manager.filter(among, **taken).exclude(pk=row.pk).first()
        if holder is not None:
            name = names[-1]
            message = _taken(_kind(type(row)), name, within=names[:-1])
            return Conflict(message, errors={name: [message]}, existing_id=str(holder.pk))
    return Conflict()


def _taken(kind: Message, name: str, *, within: Sequence[str]) -> Message:
    field = Message.name(name)
    if not within:
        return Message("Another {kind} has this {field} already.", kind=kind, field=field)
    return Message(
        "Another {kind} in the same {group} has this {field} already.",
        kind=kind,
        field=field,
        group=Message.joined(map(Message.name, within), ", "),
    )


def _kind(model: type[Aggregate]) -> Message:
    """What a person calls such a row."""
    return Message(model._meta.verbose_name_raw)


def assign(row: Aggregate, values: Mapping[str, object]) -> bool:
    """Set ``values`` on the row and take the next version; False, and nothing done, when all are as they were."""
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.bump()
    return True


def columns(entity: DataclassInstance) -> dict[str, Any]:
    """A domain dataclass as column values: nested dataclasses as dicts, tuples as lists (JSON columns)."""
    return asdict(entity, dict_factory=_json)


def _json(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in pairs}
