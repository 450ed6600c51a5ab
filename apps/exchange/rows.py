"""One row at a time: what would come of it, what does, and taking it back. Everything is written by the actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, transaction
from django.db.models import Model

from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound, PreconditionFailed, SuiteError
from apps.core.messages import Message
from apps.core.models import Aggregate
from apps.core.outages import passes
from apps.exchange.columns import as_cell, as_text
from apps.exchange.models import Job, JobRow, Outcome, RowKey
from apps.exchange.references import Above
from apps.exchange.resource import ActionResource, alike, wire
from apps.rest.serializers import shaped

LABEL_LENGTH = 250


@dataclass(slots=True)
class Tried:
    """What a row came to. ``errors`` and ``changes`` are lists of column and message, and of column, before, after."""

    outcome: str
    row: Aggregate | None = None
    version_before: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    changes: list[list[Any]] = field(default_factory=list)
    errors: list[list[str]] = field(default_factory=list)


def preview(resource: ActionResource, job: Job, row: JobRow) -> None:
    """Try a row and keep nothing of it but what it came to."""

    def above(model: type[Model], name: str) -> bool:
        """Whether the file, which has rows of one model, creates such a one further up."""
        if model is not resource._meta.model:
            return False
        made = JobRow.objects.filter(job=job, outcome=Outcome.CREATE, label=name, number__lt=row.number)
        return made.exists()

    with transaction.atomic():
        tried = _try(resource, row, actor=job.who, above=above)
        transaction.set_rollback(True)
    row.outcome, row.changes, row.errors = tried.outcome, tried.changes, tried.errors
    row.label = (str(tried.row) if tried.row else str(as_cell(row.cells.get(resource.key[-1])) or ""))[
        :LABEL_LENGTH
    ]
    row.version_before = tried.version_before
    existing = tried.version_before is not None and tried.row is not None
    row.object_id = tried.row.pk if existing and tried.row else None
    _refuse_twice(resource, job, row, above)
    row.save()


def carry_out(resource: ActionResource, job: Job, row: JobRow) -> None:
    """Import a row, if it still comes to what the preview said; else it is refused."""
    try:
        with transaction.atomic():
            tried = _try(resource, row, actor=job.who, above=None)
            if tried.outcome != Outcome.REFUSED:
                _refuse_if_other(row, tried)
    except PreconditionFailed as error:
        tried = Tried(Outcome.REFUSED, errors=[["", error.detail]])
    row.outcome, row.errors = tried.outcome, tried.errors
    if tried.row is not None and tried.outcome in (Outcome.CREATE, Outcome.UPDATE):
        row.object_id, row.version_after = tried.row.pk, tried.row.version
        row.changes, row.before, row.label = tried.changes, tried.before, str(tried.row)[:LABEL_LENGTH]
    row.save()


def take_back(resource: ActionResource, job: Job, row: JobRow) -> None:
    """Undo a row that nobody touched since: what was created is deleted, what was changed is set back."""
    act, actor = type(resource.screen), job.who
    try:
        with transaction.atomic():
            if row.version_before is None:
                act.delete_action(actor=actor, id=row.object_id, expected_version=row.version_after)
            else:
                _set_back(resource, row, actor=actor)
        row.is_undone = True
    except PreconditionFailed:
        row.is_undone, row.undo_note = False, Message("Somebody changed it after the import.")
    except NotFound:
        row.is_undone, row.undo_note = False, Message("Somebody deleted it after the import.")
    except SuiteError as error:
        if passes(error):
            raise
        row.is_undone, row.undo_note = False, error.detail
    row.save(update_fields=["is_undone", "undo_note"])


def _set_back(resource: ActionResource, row: JobRow, *, actor: Actor) -> None:
    """Raises ``Conflict`` when the action derives something else from it than was there before."""
    rows = resource._meta.model._default_manager
    imported = rows.filter(pk=row.object_id).first()
    wanted = {**(resource.state(imported) if imported else {}), **row.before}
    fields = shaped(resource.screen.write_serializer_class, row.before, partial=True)
    type(resource.screen).update_action(
        actor=actor, id=row.object_id, fields=fields, expected_version=row.version_after
    )
    found = resource.state(rows.get(pk=row.object_id))
    if other := [name for name, value in found.items() if not alike(value, wanted[name])]:
        raise Conflict(Message("It would not come back as it was: {fields}.", fields=", ".join(other)))


def _try(resource: ActionResource, row: JobRow, *, actor: Actor, above: Above | None) -> Tried:
    """import-export imports the row by the action; in a savepoint, so that what is refused leaves nothing."""
    saved: list[Aggregate] = []
    resource.begin()
    with transaction.atomic():
        result = resource.import_row(
            row.cells, None, row_number=row.number, actor=actor, above=above, saved=saved
        )
        if not result.is_valid():
            transaction.set_rollback(True)
    if not result.is_valid():
        return Tried(Outcome.REFUSED, errors=_errors(resource, result))
    if result.is_skip():
        return Tried(Outcome.UNCHANGED, row=result.instance, version_before=result.instance.version)
    (after,) = saved
    if result.is_new():
        return Tried(Outcome.CREATE, row=after, changes=_changes(resource, row, None, after))
    original = result.original
    if (
        after.version == original.version and not resource.awaited
    ):  # what was said differently came to the same
        return Tried(Outcome.UNCHANGED, row=after, version_before=original.version)
    before = {one.attribute: wire(one.get_value(original)) for one in resource.differing(original, after)}
    changes = _changes(resource, row, original, after)
    return Tried(Outcome.UPDATE, row=after, version_before=original.version, before=before, changes=changes)


def _changes(
    resource: ActionResource, row: JobRow, before: Aggregate | None, after: Aggregate
) -> list[list[Any]]:
    """Column, before and after, as a file has them; what is not there yet as this file says it."""
    differing = resource.differing(before or resource.init_instance(), after)
    resource.load([one for one in (before, after) if one is not None], differing)
    return [
        [
            one.column_name,
            "" if before is None else resource.shown(one, before),
            row.cells[one.column_name] if one in resource.awaited else resource.shown(one, after),
        ]
        for one in differing
    ]


def _refuse_if_other(row: JobRow, tried: Tried) -> None:
    """Raises ``SuiteError`` when somebody was here since the preview; what was just written goes with it."""
    if tried.outcome == Outcome.UNCHANGED:
        return
    if tried.version_before != row.version_before or (
        row.object_id is not None and tried.row is not None and tried.row.pk != row.object_id
    ):
        raise PreconditionFailed(Message("Somebody changed it after the preview: look at a new one."))


def _refuse_twice(resource: ActionResource, job: Job, row: JobRow, above: Above) -> None:
    """A file that says the same row twice does not say which of both it means."""
    keys = [blake2b(key.encode(), digest_size=32).hexdigest() for key in _keys(resource, row, above)]
    twin = RowKey.objects.filter(job=job, key__in=keys).order_by("number").first()
    RowKey.objects.bulk_create(
        [RowKey(job=job, key=key, number=row.number) for key in keys], ignore_conflicts=True
    )
    if twin is not None and row.outcome != Outcome.REFUSED:
        row.outcome, row.changes = Outcome.REFUSED, []
        row.errors = [["", Message("Row {number} says the same one.", number=twin.number)]]


def _keys(resource: ActionResource, row: JobRow, above: Above) -> list[str]:
    try:
        key = resource.key_of(row.cells, above)
        external = as_text(row.cells.get("external_id"))
    except ValueError:  # which is what the row is refused for
        return []
    named = resource.key_is_unique or not (external or row.object_id)
    # Told by its id, a row that does not change may be a retired one, and another row have its external id.
    if row.outcome == Outcome.UNCHANGED or (row.outcome == Outcome.REFUSED and row.cells.get("id")):
        external = ""
    found = {"id": row.object_id, "external_id": external, "key": key if named else ""}
    return [f"{kind} {said}" for kind, said in found.items() if said]


def _errors(resource: ActionResource, result: Any) -> list[list[str]]:
    if result.validation_error is not None:
        return _messages(result.validation_error)
    error = result.errors[0].error
    if passes(error):  # it says nothing of the row, which is tried again
        raise error
    if isinstance(error, SuiteError):
        found = [[path, message] for path, messages in error.errors.items() for message in messages]
        return found or [["", error.detail]]
    if isinstance(error, DataError):
        return [
            ["", Message("It holds what the database cannot: a NUL character, or a number out of range.")]
        ]
    if isinstance(error, ValueError | ValidationError):
        return [["", str(error)]]
    raise error


def _messages(error: ValidationError) -> list[list[str]]:
    if not hasattr(error, "error_dict"):
        return [["", message] for message in error.messages]
    return [
        ["" if name == NON_FIELD_ERRORS else name, message]
        for name, messages in error.message_dict.items()
        for message in messages
    ]
