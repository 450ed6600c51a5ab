"""One change of many rows: tried or carried out row by row, by the action that a form would call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import SuiteError

if TYPE_CHECKING:
    from apps.admin_lists.bulk_admin import BulkAdmin

SET, ADD, REMOVE = "set", "add", "remove"
WAYS = {
    ADD: gettext_lazy("add these"),
    REMOVE: gettext_lazy("take these away"),
    SET: gettext_lazy("have just these"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A new ``value`` of a ``field``, or what to ``ADD`` to a list or ``REMOVE`` from it."""

    field: str
    value: Any
    way: str = SET

    def of(self, row: Any) -> Any:
        """What the row's field is to be."""
        if self.way == SET:
            return self.value
        present = list(getattr(row, self.field))
        if self.way == ADD:
            return [*present, *(one for one in self.value if one not in present)]
        return [one for one in present if one not in self.value]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, or would; ``refusal`` says why nothing."""

    row: Any
    before: Any
    after: Any
    refusal: str = ""

    @property
    def changes(self) -> bool:
        return not self.refusal and self.before != self.after


def tried(model_admin: BulkAdmin, request: HttpRequest, row: Any, change: Change) -> Outcome:
    """What the action would do, which it does and takes back."""
    return _outcome(model_admin, request, row, change, seen=row.version, keep=False)


def carried_out(
    model_admin: BulkAdmin, request: HttpRequest, row: Any, change: Change, *, seen: int
) -> Outcome:
    """The row is changed, unless it is no longer the version that was seen."""
    return _outcome(model_admin, request, row, change, seen=seen, keep=True)


def _outcome(
    model_admin: BulkAdmin, request: HttpRequest, row: Any, change: Change, *, seen: int, keep: bool
) -> Outcome:
    actor = request.user.actor  # type: ignore[union-attr]
    before = getattr(row, change.field)
    try:
        with transaction.atomic():
            changed = model_admin.change_row(actor, row.pk, {change.field: change.of(row)}, seen=seen)
            transaction.set_rollback(not keep)
    except SuiteError as error:
        return Outcome(row, before, before, model_admin.why(request, error, row.pk, seen=seen))
    return Outcome(row, before, getattr(changed, change.field))


def holds_many(field: forms.Field) -> bool:
    """Whether a form field's value is a list that can be added to."""
    return isinstance(field, forms.MultipleChoiceField) or getattr(field, "holds_many", False)


def words_for(field: forms.Field, values: Iterable[Any]) -> Callable[[Any], str]:
    """How values of a form field are shown; what they refer to is asked for all at once."""
    source = getattr(field, "source", None)
    names = source.named({one for value in values for one in _each(value)}) if source else _choices(field)
    return lambda value: _words(value, names)


def _choices(field: forms.Field) -> dict[str, str]:
    """The names of what a field offers."""
    if not isinstance(field, forms.ChoiceField):
        return {}
    offered: Any = field.choices
    names: list[tuple[Any, Any]] = list(flatten_choices(offered))
    return {str(value): str(name) for value, name in names}


def _each(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value in (None, "") else [value]


def _words(value: Any, names: Mapping[str, str]) -> str:
    match value:
        case None | "" | [] | ():
            return "-"
        case bool():
            return _("yes") if value else _("no")
        case list() | tuple():
            return ", ".join(_words(one, names) for one in value)
        case datetime():
            return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case Decimal():
            return formats.number_format(f"{value.normalize():f}")
    return names.get(str(value), str(value))
