"""Form fields for references to other rows, an id or a list of ids in the order chosen, and for values of other kinds
than Django has."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, override
from uuid import UUID

from django import forms
from django.utils.formats import get_format, number_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminAutocompleteWidget,
    UnfoldAdminMultipleAutocompleteWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
)

from apps.admin_kit.choices import Source, url_of
from apps.admin_kit.names import named
from apps.core.ids import parsed

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class _Chosen:
    """A select that renders the chosen options only; the others come while somebody types."""

    # Unfold's own is for choices of another shape and gives ours a wrong value.
    option_template_name = "django/forms/widgets/select_option.html"

    def __init__(self, source: Source) -> None:
        self.source = source
        super().__init__()

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> Any:
        attrs = super().build_attrs(base_attrs, extra_attrs)  # type: ignore[misc]
        return {**attrs, "data-ajax--url": url_of(self.source), "data-ajax--cache": "false"}

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        chosen = [one for one in value if one]
        labels = self.source.named(chosen)
        options = [
            self.create_option(name, one, labels.get(one, one), True, index, attrs=attrs)  # type: ignore[attr-defined]
            for index, one in enumerate(chosen)
        ]
        empty = [] if getattr(self, "allow_multiple_selected", False) else [self._nothing(name, attrs)]
        return [(None, [*empty, *options], 0)]

    def _nothing(self, name: str, attrs: dict[str, Any] | None) -> Any:
        return self.create_option(name, "", "", False, 0, attrs=attrs)  # type: ignore[attr-defined]


class OneWidget(_Chosen, UnfoldAdminAutocompleteWidget):
    """One of them, or none."""


class ManyWidget(_Chosen, UnfoldAdminMultipleAutocompleteWidget):
    """Some of them, in the order chosen."""

    @override
    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> Any:
        """Each has a cross; another for all of them would stand in their list and be none of its items."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class ReferenceField(forms.Field):
    """One row of a source; cleaned to its UUID, None for none."""

    def __init__(self, source: Source, **kwargs: Any) -> None:
        super().__init__(widget=OneWidget(source), **kwargs)
        self.source = source

    def shown(self, value: Any) -> str:
        """For who may only look."""
        return _links(self.source, [value] if value else [])

    @override
    def to_python(self, value: Any) -> UUID | None:
        return _uuid(value) if value else None


class _ManyField(forms.Field):
    """Some things in an order, each of them once."""

    @staticmethod
    def item_key(item: Hashable) -> Hashable:
        """What tells them apart when two editors' lists are merged."""
        return item


class ReferencesField(_ManyField):
    """Rows of a source; cleaned to their UUIDs in the order chosen."""

    holds_many = True

    def __init__(self, source: Source, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(widget=ManyWidget(source), required=required, **kwargs)
        self.source = source

    def shown(self, value: Any) -> str:
        """For who may only look."""
        return _links(self.source, value or [])

    @override
    def prepare_value(self, value: Any) -> list[str]:
        return [str(one) for one in value or ()]

    @override
    def to_python(self, value: Any) -> list[UUID]:
        return [_uuid(one) for one in value or ()]

    @override
    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != self.prepare_value(data)


class WordsField(_ManyField):
    """Words of one's own, with those already in use to choose from; cleaned to a list of texts."""

    holds_many = True

    def __init__(self, known: Callable[[], Iterable[str]], **kwargs: Any) -> None:
        super().__init__(widget=_WordsWidget(known), required=False, **kwargs)

    def shown(self, value: Any) -> str:
        """For who may only look."""
        return ", ".join(value or ()) or "-"

    @override
    def to_python(self, value: Any) -> list[str]:
        return [str(one).strip() for one in value or ()]

    @override
    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or ()) != list(data or ())


class OneOfField(forms.ChoiceField):
    """One of a few values."""

    def shown(self, value: Any) -> str:
        """For who may only look."""
        names = {known: name for known, name in self.widget.choices if known == value}
        return str(names.get(value, value)) if value else "-"


class AmountField(forms.CharField):
    """An amount with the decimal separator of the language it is typed in; cleaned to text with a point.

    The other separator is refused: 1.250 is a thousand and more to one person, and little more than one to another.
    """

    @override
    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        separator = get_format("DECIMAL_SEPARATOR")
        if set(text) & ({".", ","} - {separator}):
            example = number_format("1250.50")
            raise forms.ValidationError(
                _("Write it without separators of thousands, such as %(example)s.") % {"example": example}
            )
        return text.replace(separator, ".")

    def shown(self, value: Any) -> str:
        """For who may only look."""
        plain = f"{value.normalize():f}" if isinstance(value, Decimal) else value
        return number_format(plain) if plain else "-"


class MomentField(forms.SplitDateTimeField):
    """A date and a time; a date alone is the beginning of its day, as in a file."""

    @override
    def compress(self, data_list: Any) -> datetime | None:
        match data_list:
            case [date() as day, None]:
                data_list = [day, time()]
        moment: datetime | None = super().compress(data_list)
        return moment


class _WordsWidget(UnfoldAdminSelect2MultipleWidget):
    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known
        super().__init__({"data-tags": "true"})

    @override
    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        chosen = [one for one in value if one]
        offered = [*chosen, *(one for one in self._known() if one not in chosen)]
        options = [
            self.create_option(name, one, one, one in chosen, index, attrs=attrs)
            for index, one in enumerate(offered)
        ]
        return [(None, options, 0)]


def _links(source: Source, ids: Iterable[Any]) -> str:
    wanted = list(ids)
    names = source.named(wanted)
    found = (
        format_html('<a class="text-link" href="{}">{}</a>', source.link(id_), names.get(str(id_), str(id_)))
        for id_ in wanted
    )
    return mark_safe("<br>".join(found)) if wanted else "-"  # noqa: S308 (each is escaped)


def _uuid(value: Any) -> UUID:
    if found := parsed(value):
        return found
    raise forms.ValidationError(_("Choose from what is offered."))


def one_of(values: Iterable[str], *, empty: _StrOrPromise = "", **kwargs: Any) -> forms.ChoiceField:
    """A field for one of a few values; ``empty``, when given, is what choosing none is called."""
    blank = [("", empty)] if empty or not kwargs.get("required", True) else []
    return OneOfField(choices=[*blank, *named(values)], widget=UnfoldAdminSelectWidget, **kwargs)
