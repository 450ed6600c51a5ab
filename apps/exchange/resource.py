"""import-export's resource whose writes are the service's actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from import_export.resources import Resource

from apps.core.actor import Actor
from apps.core.clock import iso
from apps.core.errors import PreconditionFailed, ValidationFailed
from apps.core.ids import parsed
from apps.core.messages import Message
from apps.core.models import Aggregate
from apps.exchange.columns import Column, Referring, Text, Whole, as_text
from apps.exchange.references import LATER, Above
from apps.rest.serializers import shaped

if TYPE_CHECKING:
    from apps.exchange.admin import ExchangeAdmin

PASSED_OVER = frozenset({"row", "errors"})
"""Columns of the list of refused rows, which may come back corrected."""


class _NoDiff:
    """import-export renders every field of every row twice for its own; ``ActionResource.changed`` has what differs."""

    def __init__(self, *args: Any) -> None: ...

    def compare_with(self, *args: Any) -> None: ...


def _anybody(model: type[Model], name: str) -> bool:
    """Where it does not matter yet whether a name is anybody's."""
    return True


class ActionResource(Resource):
    """A subclass declares its columns, ``Meta.model``, and ``key``: the columns that name a row beside its id.

    ``key_is_unique``: no two rows have the same; a file that says a key twice is refused the second time. ``batch``:
    so many rows are imported in one transaction, one where an action begins with a lock (``one_at_a_time``).
    """

    key: ClassVar[Sequence[str]] = ("name",)
    key_is_unique: ClassVar[bool] = True
    batch: ClassVar[int] = 20

    id = Column(
        Text(), _("Empty for a new row. Says which row it is, before anything else does."), readonly=True
    )
    version = Column(
        Whole(), _("May be left out. A row that has another version by now is refused."), readonly=True
    )
    external_id = Column(Text(None), _("The id in another system; says which row it is when there is no id."))

    class Meta:
        skip_unchanged = True
        report_skipped = True
        skip_html_diff = True
        store_instance = True

    def __init__(self, screen: ExchangeAdmin) -> None:
        super().__init__()
        self.screen = screen
        for name, field in self.fields.items():
            field.attribute = field.attribute or name
        self.begin()

    def begin(self) -> None:
        """With another row: ``changed`` are the columns in which it differs, ``awaited`` those of them that refer to
        what the same file creates further up, which is not there yet in a preview."""
        self.changed: list[Column] = []
        self.awaited: list[Column] = []

    @property
    def columns(self) -> list[str]:
        """In the order of the file."""
        return [field.column_name for field in self.get_export_fields()]

    @property
    def writable(self) -> list[Column]:
        return [field for field in self.get_import_fields() if not field.readonly]

    def state(self, row: Aggregate) -> dict[str, Any]:
        """What can be written of a row, as REST has it."""
        return {field.attribute: wire(field.get_value(row)) for field in self.writable}

    def load(self, rows: Sequence[Aggregate], fields: Iterable[Column] | None = None) -> None:
        """Have at hand what these rows' references, of all ``fields`` or some, are called."""
        for field in self.get_export_fields() if fields is None else fields:
            if isinstance(field.widget, Referring):
                ids = (id_ for row in rows for id_ in field.widget.ids(field.get_value(row)))
                field.widget.references.load(dict.fromkeys(ids))

    def plain(self, row: Aggregate) -> list[Any]:
        """A row as plain data, in the order of ``columns``."""
        return [self.shown(field, row) for field in self.get_export_fields()]

    def shown(self, field: Column, row: Aggregate) -> Any:
        return self.export_field(field, row)

    def check_columns(self, columns: Iterable[str]) -> None:
        """Raises ``ValidationFailed`` naming columns that are none, and those without which no row can be told."""
        given = set(columns) - PASSED_OVER
        if unknown := sorted(given - set(self.columns)):
            raise ValidationFailed(
                Message(
                    "Unknown column: {unknown}. There are {columns}.",
                    unknown=", ".join(unknown),
                    columns=", ".join(self.columns),
                )
            )
        if not given & {"id", "external_id"} and not set(self.key) <= given:
            raise ValidationFailed(
                Message(
                    "No column says which row is meant: id, external_id, or {columns}.",
                    columns=", ".join(self.key),
                )
            )

    # What import-export asks while it imports a row.

    def get_diff_class(self) -> type[_NoDiff]:
        return _NoDiff

    def meant(self) -> QuerySet[Any]:
        """The rows that another system's id or the key may mean; by its id each is found."""
        return self._meta.model._default_manager.all()

    def init_instance(self, row: Any = None) -> Aggregate:
        made: Aggregate = self._meta.model()
        return made

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Aggregate | None:
        """By id, else by the other system's id, else by the key."""
        rows = self._meta.model._default_manager
        noun = Message(self._meta.model._meta.verbose_name_raw)
        if text := as_text(row.get("id")).strip():
            found: Aggregate | None = rows.filter(pk=id_).first() if (id_ := parsed(text)) else None
            if found is None:
                raise ValidationError(
                    {
                        "id": Message(
                            "There is no {kind} with this id. For a new one leave it empty.", kind=noun
                        )
                    }
                )
            return found
        external = as_text(row.get("external_id"))
        if external and (found := self.meant().filter(external_id=external).first()):
            return found
        named = list(self.meant().filter(**wanted)[:2]) if (wanted := self._key_of(row)) else []
        if len(named) == 2:
            raise ValidationError(
                {self.key[-1]: Message("More than one {kind} is called so: give the id.", kind=noun)}
            )
        if named and external and named[0].external_id is not None:
            return None
        return named[0] if named else None

    def skip_row(
        self,
        instance: Aggregate,
        original: Aggregate,
        row: dict[str, Any],
        import_validation_errors: Any = None,
    ) -> bool:
        """Unchanged. What is changed is kept for the action."""
        given = [field for field in self.get_import_fields() if field.column_name in row]
        writable = [field for field in given if not field.readonly]
        self.changed = [f for f in writable if not alike(f.get_value(instance), f.get_value(original))]
        if original._state.adding or import_validation_errors:
            return False
        self._refuse_readonly([field for field in given if field.readonly], original, row)
        return not self.changed

    def save_instance(self, instance: Aggregate, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        """By the action, as ``kwargs["actor"]``, with what the file says and no more."""
        actor: Actor = kwargs["actor"]
        self.awaited = [field for field in self.changed if _is_later(field.get_value(instance))]
        there = [field for field in self.changed if field not in self.awaited]
        values = {field.attribute: wire(field.get_value(instance)) for field in there}
        act, serializer = type(self.screen), self.screen.write_serializer_class
        if is_create:
            fields = shaped(serializer, {name: value for name, value in values.items() if value is not None})
            saved = act.create_action(actor=actor, fields=fields)
        else:
            fields = shaped(serializer, values, partial=True)
            seen = self._version_of_file(row, instance)
            saved = act.update_action(actor=actor, id=instance.pk, fields=fields, expected_version=seen)
        kwargs["saved"].append(saved)

    def differing(self, before: Aggregate, after: Aggregate) -> list[Column]:
        """The columns to be written in which two rows differ, by the file or by what the action derived, and those
        that are awaited."""
        return [
            field
            for field in self.writable
            if field in self.awaited or not alike(field.get_value(before), field.get_value(after))
        ]

    def key_of(self, row: dict[str, Any], above: Above) -> str:
        """The key as text; empty when the row does not have it. What is not there yet is told by what the row calls
        it."""
        wanted = {
            name: as_text(row[self.fields[name].column_name]).strip() if _is_later(value) else value
            for name, value in self._key_of(row, above).items()
        }
        return "\n".join(f"{name}:{value}" for name, value in sorted(wanted.items()))

    def _key_of(self, row: dict[str, Any], above: Above = _anybody) -> dict[str, Any]:
        fields = [self.fields[name] for name in self.key]
        if any(field.column_name not in row for field in fields):
            return {}
        values = {field.attribute: field.clean(row, above=above) for field in fields}
        tidy = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        found = {name: value for name, value in tidy.items() if value is not None}
        missing = {f"{name}__isnull": True for name in tidy if tidy[name] is None}
        return {**found, **missing}

    def _refuse_readonly(self, fields: Iterable[Column], original: Aggregate, row: dict[str, Any]) -> None:
        """What is there to be read may be left as it is. The id has found the row, the version is for the action."""
        for field in fields:
            said = as_text(row[field.column_name]).strip()
            if said and field.attribute not in {"id", "version"} and said != self.shown(field, original):
                raise ValidationError(
                    {field.attribute: Message("Cannot be imported: it is not changed by hand.")}
                )

    def _version_of_file(self, row: dict[str, Any], instance: Aggregate) -> int:
        said = self.fields["version"].clean(row) if "version" in row else None
        if said is not None and said != instance.version:
            raise PreconditionFailed(
                Message(
                    "It is at version {current} now, and the file was made from version {seen}.",
                    current=instance.version,
                    seen=said,
                ),
                current_version=instance.version,
            )
        return instance.version


def wire(value: Any) -> Any:
    """A value as REST has it."""
    if isinstance(value, dict):
        return {name: wire(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [wire(one) for one in value]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, UUID) else value


def alike(one: Any, other: Any) -> bool:
    """How lines end is the format's, not the value's."""
    if isinstance(one, str) and isinstance(other, str):
        return one.splitlines() == other.splitlines()
    return bool(one == other)


def _is_later(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_later(one) for one in value)
    if isinstance(value, dict):
        return any(_is_later(one) for one in value.values())
    return value == LATER or value == str(LATER)
