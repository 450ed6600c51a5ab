"""One characteristic for each name, whatever the specifications say under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.core.units import NO_UNIT, SUITE_UNITS
from apps.importer.model import BadItem, Ruling
from apps.importer.rules import fields, units
from apps.importer.rules.base import rule
from apps.importer.rules.values import Use, Value

_PLACES = 6


@dataclass(frozen=True, slots=True)
class Definition:
    """What the values of a characteristic are: ``string``, ``number`` or ``boolean``, and the suite unit."""

    value_type: str
    unit: str = NO_UNIT

    def __str__(self) -> str:
        return self.value_type if self.unit == NO_UNIT else f"{self.value_type} in {self.unit}"

    def each_once(self, values: Iterable[str]) -> list[str]:
        """Numbers by their size, all else in the order given."""
        once = list(dict.fromkeys(values))
        return sorted(once, key=Decimal) if self.value_type == "number" else once

    def write(self, value: Value) -> str:
        """A value in the form the API takes; ``BadItem`` when it does not fit the definition.

        A number without a unit is taken to be in the characteristic's own unit.
        """
        if self.value_type == "string":
            return value.as_written
        written = value.boolean if self.value_type == "boolean" else self._number(value)
        if written is None:
            raise BadItem(f"The value {value.as_written!r} is no {self}.")
        return written

    def _number(self, value: Value) -> str | None:
        quantity = value.quantity
        if quantity is None:
            return None if value.unit else fields.plain(fields.number(value.text, "value"))
        amount = quantity.into(self.unit)
        if amount is None:
            return None
        if not fields.fits(amount, _PLACES):
            raise BadItem(f"The value {value.as_written!r} cannot be said exactly in {self.unit}.")
        return fields.plain(amount)


@dataclass(frozen=True, slots=True)
class Known:
    """A characteristic that the suite has already."""

    name: str
    definition: Definition
    values: tuple[str, ...]
    default: str | None
    description: str = ""

    @property
    def open(self) -> bool:
        """True when it allows any value of its type."""
        return not self.values


TEXT = Definition("string")


@rule("unit-split")
def unit_split(uses: Sequence[Use]) -> tuple[Definition | None, str]:
    """When every value of a characteristic, over all specifications, is a number with a unit and the
    units are of one dimension, the characteristic becomes a number in a suite unit and the values lose
    their unit: `10 Gbps` is 10 in Gbps, `256GB` is 256 in GB.
    """
    quantities = [value.quantity for use in uses for value in use.values]
    if any(quantity is None for quantity in quantities):
        return None, ""
    unit = units.smallest({quantity.unit for quantity in quantities if quantity})
    if unit is None:
        return None, ""
    written_together = [value for use in uses for value in use.values if not value.unit]
    text = ""
    if written_together:
        text = f"Values such as {written_together[0].text!r} are read as numbers in {unit}."
    return Definition("number", unit), text


@rule("unit-convert")
def unit_convert(uses: Sequence[Use], definition: Definition) -> tuple[Definition, str]:
    """A unit the suite does not have is converted exactly to the one it has of that dimension (kW to
    Watt, Tbps to Gbps, km to Meter), and where the values of one characteristic are in several units,
    all are converted to the smallest of them. Data volumes are decimal: 1 GB is 1000 MB.
    """
    for use in uses:
        for value in use.values:
            quantity = value.quantity
            if quantity and (quantity.converted or quantity.unit != definition.unit):
                return definition, f"{value.as_written} becomes {definition.write(value)} {definition.unit}."
    return definition, ""


@rule("mixed-to-text")
def mixed_to_text(uses: Sequence[Use]) -> tuple[Definition, str]:
    """When the values under one characteristic name are not all numbers, not all booleans and not all
    quantities of one dimension, the characteristic is text, with every value as it was written. So it is
    when a number is in a unit that the suite does not have.
    """
    values = [value for use in uses for value in use.values]
    kinds = sorted({_kind(value) for value in values})
    if kinds == ["text"]:
        measured = next((value for value in values if value.unit), None)
        if measured is None:
            return TEXT, ""
        text = f"{measured.as_written!r} is no number in a unit of the suite, so all its values are text: "
        return TEXT, f"{text}they are found as written, not by their size."
    return TEXT, f"Its values are of several kinds ({', '.join(kinds)}), so all are text."


def _kind(value: Value) -> str:
    if value.boolean is not None:
        return "boolean"
    quantity = value.quantity
    if quantity is not None:
        return SUITE_UNITS[quantity.unit].dimension
    return "text" if value.number is None else "number"


@rule("value-type")
def foreign_value_type(uses: Sequence[Use]) -> tuple[None, str]:
    """A valueType that is neither text, number nor boolean (a date, an object) is text."""
    foreign = [use.foreign_type for use in uses if use.foreign_type]
    return None, f"The valueType {foreign[0]!r} is taken as text." if foreign else ""


@rule("suite-characteristic")
def follow_suite(ours: Definition, known: Known | None) -> tuple[Definition, str]:
    """A characteristic that the suite has already keeps its type and unit: numbers are converted to
    its unit, and where it is text everything is text. Where neither is possible it is an error, never a
    change of a characteristic that other specifications use.
    """
    if known is None or known.definition == ours:
        return ours, ""
    theirs = known.definition
    convertible = (
        theirs.value_type == ours.value_type == "number"
        and units.smallest({ours.unit, theirs.unit} & SUITE_UNITS.keys()) is not None
        and NO_UNIT not in {ours.unit, theirs.unit}
    )
    if convertible or theirs == TEXT:
        return theirs, f"The suite has it as {theirs}; the values of this import ({ours}) follow."
    raise BadItem(f"The suite has it as {theirs}, this import as {ours}; one of the two must be changed.")


@rule("characteristic-union")
def union(uses: Sequence[Use], definition: Definition, known: Known | None) -> tuple[list[str], str]:
    """A characteristic's name is unique in the suite: the values that different specifications give
    under one name, and those the suite has already, are united, and each specification keeps its own
    subset. An import adds allowed values and never removes one.
    """
    sets = [values for values in _written(uses, definition) if values]
    there = dict.fromkeys(known.values if known else ())
    added = [value for values in sets for value in values if value not in there]
    values = definition.each_once([*there, *added])
    differing = len({frozenset(values) for values in sets}) > 1
    extends = known is not None and bool(added)
    text = ""
    if differing:
        text = f"{len(sets)} specifications give it different values; it has all {len(values)}."
    elif extends:
        text = f"The suite has it with other values; {', '.join(added)} are added."
    return values, text


@rule("open-values")
def open_values(uses: Sequence[Use], definition: Definition, known: Known | None) -> tuple[list[str], str]:
    """A characteristic is open, any value of its type is allowed, where the suite lists no value of it or, new,
    one of the specifications lists none. The values that others list are their own choice: an import never
    forbids a value that somebody may have taken.
    """
    sets = _written(uses, definition)
    if not any(sets):
        return [], f"It lists no value: any {definition} is allowed."
    whose = "The suite lists" if known else f"{sets.count(())} of {len(sets)} specifications list"
    return [], f"{whose} no value of it: any {definition} is allowed; who lists values keeps to these."


@rule("suite-values")
def keep_to_suite(uses: Sequence[Use], known: Known | None) -> tuple[None, str]:
    """Where the suite lists the values of a characteristic, a specification that lists none allows these, and
    not any value: what others rely on is not opened.
    """
    if known is None or known.open or all(use.values for use in uses):
        return None, ""
    text = f"A specification lists no value of it, the suite lists {len(known.values)}: any listed one is allowed."
    return None, text


def allowed(uses: Sequence[Use], definition: Definition, known: Known | None) -> list[Ruling[Any]]:
    """The rulings on the values that a characteristic allows; the last one decides."""
    if known.open if known else not all(use.values for use in uses):
        return [open_values(uses, definition, known)]
    return [keep_to_suite(uses, known), union(uses, definition, known)]


def _written(uses: Sequence[Use], definition: Definition) -> list[tuple[str, ...]]:
    return [tuple(definition.write(value) for value in use.values) for use in uses]


@rule("one-description")
def describe(uses: Sequence[Use], known: Known | None) -> tuple[str, str]:
    """Specifications share a characteristic and its description: the suite's stays as it is, and where it has
    none, the first one of the import is taken.
    """
    given = list(dict.fromkeys(use.description for use in uses if use.description))
    theirs = known.description if known else ""
    taken = theirs or next(iter(given), "")
    left = [text for text in given if text != taken]
    if not left:
        return taken, ""
    whose = "The suite's" if theirs else "The first"
    return taken, f"{whose} description, {taken!r}, is taken; left out: {', '.join(map(repr, left))}."


@rule("characteristic-not-carried")
def not_carried(use: Use) -> tuple[None, str]:
    """Fields of a characteristic or of its values that have no counterpart in the suite are left out."""
    return None, f"{use.name}: left out: {', '.join(use.left_out)}." if use.left_out else ""


def with_what_is_there(body: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """The body of a characteristic that the suite has by now, however it changed since it was asked at the start.

    Its name, its default and every value of it stay; one that was taken away comes back, and one that is open stays
    open. ``BadItem`` when its type or unit is another one.
    """
    ours = Definition(body["value_type"], body["unit_of_measure"])
    theirs = Definition(current["value_type"], current.get("unit_of_measure") or NO_UNIT)
    if theirs != ours:
        raise BadItem(
            f"The suite has it as {theirs} by now, this import as {ours}; "
            "import again or change one of the two."
        )
    has = current.get("values") or []
    wants = body["values"] if has else []
    default = next((value["value"] for value in [*has, *wants] if value.get("is_default")), None)
    values = theirs.each_once(value["value"] for value in [*has, *wants])
    return body | {
        "name": current["name"],
        "values": [{"value": value, "is_default": value == default} for value in values],
    }


@rule("default-first")
def default_value(use: Use) -> tuple[Value | None, str]:
    """Where no value is marked as the default one, the first is; where several are, the first of these."""
    if len(use.defaults) > 1:
        marked = ", ".join(repr(value.as_written) for value in use.defaults)
        return use.defaults[0], f"{use.name}: {marked} are marked as default, the first is taken."
    if use.defaults or not use.values:
        return next(iter(use.defaults), None), ""
    return use.values[0], f"{use.name}: no value is marked as default, {use.values[0].as_written!r} is taken."


@rule("open-type")
def open_type(uses: Sequence[Use]) -> tuple[Definition, str]:
    """A characteristic that lists no value anywhere has its valueType, and is text where its valueTypes differ."""
    declared = sorted({use.declared for use in uses})
    if len(declared) == 1:
        return Definition(declared[0]), ""
    return TEXT, f"Its valueTypes differ ({', '.join(declared)}), so it is text."


def configurable(use: Use) -> bool:
    """What the record says; else there is something to choose unless exactly one value is listed."""
    return use.configurable if use.configurable is not None else len(use.values) != 1


def define(uses: Sequence[Use]) -> tuple[Definition, list[Ruling[Any]]]:
    """Type and unit of a characteristic from all its uses, and the rulings that led to them."""
    values = [value for use in uses for value in use.values]
    rulings: list[Ruling[Any]] = [foreign_value_type(uses)]
    if not values:
        opened = open_type(uses)
        return opened.value, [*rulings, opened]
    if all(value.boolean is not None for value in values):
        return Definition("boolean"), rulings
    split = unit_split(uses)
    if split.value is not None:
        return split.value, [*rulings, split, unit_convert(uses, split.value)]
    if all(value.number is not None for value in values):
        return Definition("number"), rulings
    mixed = mixed_to_text(uses)
    return mixed.value, [*rulings, mixed]
