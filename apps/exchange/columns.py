"""The columns of a file: import-export's fields, with widgets for what a catalog's rows consist of.

A widget's ``render`` gives plain data (text, number, truth, list, object), which JSON has as it is and a cell of CSV or
XLSX as text: a list one item a line, objects as JSON. ``clean`` takes either back. An empty cell is an empty value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_date, parse_datetime
from import_export.fields import Field
from import_export.widgets import Widget

from apps.core.clock import iso
from apps.core.messages import Message
from apps.core.numbers import MOST_DIGITS
from apps.exchange.references import References

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
"""No exponent: written out, 1e999999999 would be a gigabyte."""


class Column(Field):
    """``help`` says what may stand in it. Kept: an empty cell says nothing, and the value stays as it is."""

    def __init__(
        self, widget: Widget, help: _StrOrPromise, *, kept: bool = False, readonly: bool = False
    ) -> None:
        super().__init__(widget=widget, readonly=readonly, saves_null_values=not kept)
        self.help = help


class Text(Widget):
    """``empty`` is what no text is: empty text, or None where the value may be missing."""

    def __init__(self, empty: str | None = "") -> None:
        super().__init__()
        self.empty = empty

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        return as_text(value) or self.empty

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class Number(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        text = as_text(value).strip()
        if text and not _PLAIN_NUMBER.fullmatch(text):
            raise ValueError(Message("{text} is no decimal number such as 19.99.", text=text[:50]))
        return Decimal(text) if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else f"{Decimal(value).normalize():f}"


class Whole(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = as_text(value).strip()
        if text and not (text.removeprefix("-").isdecimal() and len(text) <= MOST_DIGITS):
            raise ValueError(Message("{text} is no whole number.", text=text[:50]))
        return int(text) if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class Truth(Widget):
    WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        text = as_text(value).strip().casefold()
        if text and text not in self.WORDS:
            raise ValueError(Message("{text} is neither true nor false.", text=text))
        return self.WORDS[text] if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class Moment(Widget):
    """A time without a zone is in UTC, a day is its beginning."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            text = as_text(value).strip()
            if not text:
                return None
            value = _moment(text)
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        try:
            aware.astimezone(UTC)
        except OverflowError:
            raise ValueError(
                Message("{text} is not in the years 1 to 9999 of UTC.", text=as_text(aware))
            ) from None
        return aware

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return iso(value) or ""


class Lines(Widget):
    """A list: one item a line, or JSON."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Any]:
        return [as_text(item) for item in as_list(value)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> list[Any]:
        return list(value or ())


class Referring(Widget):
    """Refers to rows of another list; ``ids`` are those of a value."""

    def __init__(self, references: References) -> None:
        super().__init__()
        self.references = references

    def ids(self, value: Any) -> Iterable[object]:
        return value or ()


class One(Referring):
    """One row of another list, by name or id."""

    def ids(self, value: Any) -> Iterable[object]:
        return [value] if value else []

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = as_text(value).strip()
        return self.references.id_of(text, kwargs.get("above")) if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.references.written(value) if value else ""


class Several(Referring):
    """Rows of another list in their order, by name or id."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Any]:
        above = kwargs.get("above")
        return [self.references.id_of(as_text(item).strip(), above) for item in as_list(value)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return [self.references.written(id_) for id_ in value or ()]


class Objects(Referring):
    """A list of objects that each refer to a row by ``key``; ``name`` beside it is for the reader, and stands in for an
    id that is not given."""

    def __init__(self, references: References, *, key: str, name: str) -> None:
        super().__init__(references)
        self.key, self.named = key, name

    def ids(self, value: Any) -> Iterable[object]:
        return [item[self.key] for item in value or ()]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        return [self._item(item, kwargs.get("above")) for item in as_list(value)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        return [{self.named: self.references.name(item[self.key]), **item} for item in value or ()]

    def _item(self, item: Any, above: Any) -> dict[str, Any]:
        if not isinstance(item, dict):
            raise ValueError(Message('Must be JSON such as [{{"{name}": "..."}}].', name=self.named))  # noqa: TRY004 (what widgets raise)
        rest = {name: value for name, value in item.items() if name not in {self.key, self.named}}
        said = as_text(item.get(self.key) or item.get(self.named)).strip()
        if not said:
            raise ValueError(Message("Each needs {one} or {other}.", one=self.key, other=self.named))
        return {self.key: str(self.references.id_of(said, above)), **rest}


class Marked(Widget):
    """Values, one a line, the default with ``* `` before it; or JSON objects with ``value`` and ``is_default``."""

    MARK = "* "

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        return [self._item(item) for item in as_list(value)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        lines = [f"{self.MARK * item['is_default']}{item['value']}" for item in value or ()]
        return lines if self.clean(lines) == value and _are_lines(lines) else value

    def _item(self, item: Any) -> dict[str, Any]:
        if isinstance(item, dict):
            unknown = set(item) - {"value", "is_default"}
            if unknown or "value" not in item:
                raise ValueError(Message('A value is JSON such as {"value": "500", "is_default": true}.'))
            return {"value": as_text(item["value"]), "is_default": item.get("is_default", False)}
        text = as_text(item)
        return {"value": text.removeprefix(self.MARK), "is_default": text.startswith(self.MARK)}


def as_text(value: Any) -> str:
    """A cell as text: what a spreadsheet or JSON has as a number, a truth or a date is what it shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | dict):
        raise ValueError(Message("Must be one value, not a list or an object."))  # noqa: TRY004 (what widgets raise)
    return str(value)


def as_list(value: Any) -> list[Any]:
    """A cell as a list: JSON has one, a cell of CSV or XLSX has JSON or a line for each item.

    Raises ``ValueError`` for what begins like JSON and is none.
    """
    if isinstance(value, list):
        return value
    text = as_text(value)
    if not text.lstrip().startswith("["):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return list(json.loads(text, parse_constant=refuse_constant))
    except (ValueError, RecursionError) as error:
        raise ValueError(Message("Begins like JSON and is none: {why}.", why=error)) from None


def refuse_constant(name: str) -> None:
    """For ``json.loads``: NaN and its like are no JSON."""
    raise ValueError(f"{name} is no number")


def as_cell(value: Any) -> Any:
    """Plain data as a cell of CSV or XLSX, the other way round of ``as_list``."""
    if not isinstance(value, list | dict):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value) and _are_lines(value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False)


def _are_lines(items: list[str]) -> bool:
    text = "\n".join(items)
    return not text.startswith("[") and [line.strip() for line in text.splitlines() if line.strip()] == items


def _moment(text: str) -> datetime:
    try:
        if found := parse_datetime(text):
            return found
        if day := parse_date(text):
            return datetime.combine(day, time())
    except ValueError as error:
        raise ValueError(Message("{text} is no time: {why}.", text=text, why=error)) from None
    raise ValueError(Message("{text} is no time such as 2026-01-31T12:00:00Z.", text=text))
