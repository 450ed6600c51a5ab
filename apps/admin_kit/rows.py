"""A list of objects as inline rows: a form each, added, removed and put in order by hand; kept as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, override

from django import forms
from django.forms.formsets import (
    DELETION_FIELD_NAME,
    ORDERING_FIELD_NAME,
    BaseFormSet,
    formset_factory,
)
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.admin_kit import untouched

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MOST = 1000
"""Rows that a form takes; the actions have limits of their own."""

_HOUSEKEEPING = frozenset({ORDERING_FIELD_NAME, DELETION_FIELD_NAME})


class RowsWidget(forms.Widget):
    """A table of row forms, and how to add another."""

    template_name = "admin_kit/rows.html"

    class Media:
        js = ("admin_kit/rows.js",)

    def __init__(self, row: type[forms.Form], *, add_text: _StrOrPromise) -> None:
        super().__init__()
        self.row, self.add_text = row, add_text

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=self.Media.js) + self.row().media

    @cached_property
    def formset(self) -> type[BaseFormSet[Any]]:
        return formset_factory(
            self.row, extra=0, can_delete=True, can_order=True, max_num=MOST, absolute_max=MOST
        )

    @override
    def value_from_datadict(self, data: Any, files: Any, name: str) -> BaseFormSet[Any]:
        return self.formset(data, files, prefix=name)

    @override
    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-TOTAL_FORMS" not in data

    @override
    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        formset = value if isinstance(value, BaseFormSet) else self.formset(initial=value or [], prefix=name)
        context: dict[str, Any] = dict(super().get_context(name, None, attrs))
        empty = formset.empty_form
        context["widget"].update(
            {
                "management": formset.management_form,
                "heads": [(field.label, field.field.required, field.help_text) for field in _inputs(empty)],
                "rows": [_cells(form) for form in formset.forms],
                "empty": _cells(empty),
                "add_text": self.add_text,
            }
        )
        return context


class RowsField(forms.Field):
    """Cleaned to a list of the row forms' data, in their order, without the removed and the untouched empty ones."""

    default_error_messages = {"rows": gettext_lazy("Correct the marked rows.")}

    def __init__(self, row: type[forms.Form], *, add_text: _StrOrPromise, **kwargs: Any) -> None:
        super().__init__(widget=RowsWidget(row, add_text=add_text), required=False, **kwargs)
        self._kept: list[forms.Form] = []
        self._formset: BaseFormSet[Any] | None = None

    @override
    def clean(self, value: BaseFormSet[Any]) -> list[dict[str, Any]]:
        self._formset = value
        if not value.is_valid():
            raise forms.ValidationError(self.error_messages["rows"], code="rows")
        self._kept = [form for form in value.ordered_forms if _says_something(form)]
        return [
            {name: data for name, data in form.cleaned_data.items() if name not in _HOUSEKEEPING}
            for form in self._kept
        ]

    @override
    def bound_data(self, data: Any, initial: Any) -> Any:
        """The very rows that were cleaned, so that what was found wrong with them stays with them."""
        return self._formset or data

    def shown(self, value: Any) -> str:
        """For who may only look: the same table, without inputs."""
        row = self.widget.row()
        return render_to_string(
            "admin_kit/rows_shown.html",
            {
                "heads": [field.label for field in row.fields.values()],
                "rows": [
                    [shown(field, one.get(name)) for name, field in row.fields.items()] for one in value or ()
                ],
            },
        )

    @property
    def item_key(self) -> Callable[[dict[str, Any]], Any]:
        """What tells rows apart: their first field."""
        return itemgetter(next(iter(self.widget.row.base_fields)))

    def untouched(self, value: Any) -> list[dict[str, Any]]:
        """The rows of ``value`` as they are cleaned when nobody touches them. Raises ``ValidationError``."""
        fields = self.widget.row.base_fields
        return [
            {name: untouched.cleaned(field, one.get(name)) for name, field in fields.items()}
            for one in value or ()
        ]

    def as_they_came(self, rows: Iterable[dict[str, Any]], value: Any) -> list[dict[str, Any]]:
        """Of each of the cleaned ``rows`` the cells that nobody touched, as ``value`` has them; none where its rows
        cannot be told apart."""
        stored = list(value or ())
        try:
            shown = untouched.unified(self.untouched(stored))
        except forms.ValidationError:
            return [{} for _row in rows]
        key = self.item_key
        came = {key(one): (one, there) for one, there in zip(shown, stored, strict=True)}
        if len(came) < len(stored):
            return [{} for _row in rows]
        return [_kept(row, *came.get(key(row), ({}, {}))) for row in rows]

    def place(self, index: int, name: str, messages: Iterable[str]) -> bool:
        """Show messages at a row of the cleaned list; False when there is no such row."""
        if not 0 <= index < len(self._kept):
            return False
        form = self._kept[index]
        form.add_error(name if name in form.fields else None, list(messages))
        return True

    @override
    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


def shown(field: forms.Field | None, value: Any) -> Any:
    """A value for who may only look; ``field`` is the form's own, where it has one."""
    if field is not None and hasattr(field, "shown"):
        return field.shown(value)
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value and isinstance(field, forms.MultipleChoiceField):
        choices: Any = field.choices
        names = dict(choices)
        return ", ".join(str(names.get(one, one)) for one in value)
    return "-" if value in (None, "", []) else value


def is_secret(field: forms.Field) -> bool:
    """Whether what is typed into a field is never shown again."""
    return getattr(field.widget, "input_type", "") == "password"


def _kept(row: dict[str, Any], shown: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in row if name in stored and row[name] == shown[name]}


def _says_something(form: forms.Form) -> bool:
    return any(form[name].data for name in form.fields if name not in _HOUSEKEEPING)


def _inputs(form: forms.Form) -> list[forms.BoundField]:
    """The row's own fields; the formset's are kept out of sight."""
    return [field for field in form.visible_fields() if field.name not in _HOUSEKEEPING]


def _cells(form: forms.Form) -> dict[str, Any]:
    """A row as the template shows it; a label of its own at each input, for who does not see the head."""
    return {
        "cells": [
            (field.as_widget(attrs={"aria-label": str(field.label)}), field.errors) for field in _inputs(form)
        ],
        "hidden": [field.as_widget() for field in form.hidden_fields()],
        "order": form[ORDERING_FIELD_NAME].as_widget(forms.HiddenInput()),
        "delete": form[DELETION_FIELD_NAME].as_widget(forms.HiddenInput()),
        "errors": form.non_field_errors() if form.is_bound else [],
    }
