"""The values of characteristics as catalogs write them, read without deciding anything yet."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.importer.model import BadItem
from apps.importer.rules import fields
from apps.importer.rules.units import Quantity, quantity

_TYPES = {
    **dict.fromkeys(("", "string", "text", "str"), "string"),
    **dict.fromkeys(("number", "numeric", "integer", "int", "decimal", "float", "double", "long"), "number"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
}
_TRUTH = {"true": "true", "yes": "true", "false": "false", "no": "false"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its text, the unit given apart from it, and the type that was declared for it."""

    text: str
    unit: str
    declared: str

    @property
    def as_written(self) -> str:
        return f"{self.text} {self.unit}".strip()

    @property
    def quantity(self) -> Quantity | None:
        """The value with its unit, when it has one that the suite knows."""
        return None if self.declared == "boolean" else quantity(self.text, self.unit)

    @property
    def number(self) -> Decimal | None:
        """The value as a number without a unit, when it was declared to be one."""
        if self.declared != "number" or self.unit:
            return None
        return fields.number(self.text, "value")

    @property
    def boolean(self) -> str | None:
        return _TRUTH.get(self.text.casefold()) if self.declared == "boolean" else None


@dataclass(frozen=True, slots=True)
class Use:
    """A characteristic as one specification or one offering uses it."""

    name: str
    description: str
    declared: str
    values: tuple[Value, ...]
    defaults: tuple[Value, ...]
    configurable: bool | None
    min_cardinality: int
    max_cardinality: int
    foreign_type: str = ""
    left_out: tuple[str, ...] = ()


_ALWAYS = "id href @type @baseType @schemaLocation"
_CARRIED = (
    "name description valueType configurable minCardinality maxCardinality productSpecCharacteristicValue "
    f"productSpecification {_ALWAYS}"
)
_CARRIED_OF_VALUES = f"value unitOfMeasure isDefault {_ALWAYS}"
_LISTED, _LISTED_V5 = "productSpecCharacteristicValue", "characteristicValueSpecification"


def uses(data: dict[str, Any], key: str) -> list[Use]:
    """The characteristics under ``key`` of a record; a ``BadItem`` names the first bad one."""
    found: dict[str, Use] = {}
    for entry in fields.objects(data, key):
        name = fields.required(entry, "name")
        try:
            use = _use(name, entry)
        except BadItem as error:
            raise BadItem(f"Characteristic {name!r}: {error}") from None
        if name.casefold() in found:
            raise BadItem(f"Characteristic {name!r} is there twice.")
        found[name.casefold()] = use
    return list(found.values())


def _use(name: str, entry: dict[str, Any]) -> Use:
    declared_as = fields.text(entry, "valueType")
    declared = _TYPES.get(declared_as.casefold(), "string")
    if entry.get(_LISTED_V5) and not entry.get(_LISTED):
        raise BadItem(f"{_LISTED_V5} is of TMF620 v5; what is read is v4, which has its values in {_LISTED}.")
    listed = fields.objects(entry, _LISTED)
    values = [_value(member, declared) for member in listed]
    defaults = [
        value for value, member in zip(values, listed, strict=True) if fields.flag(member, "isDefault")
    ]
    configurable = fields.flag(entry, "configurable") if entry.get("configurable") is not None else None
    return Use(
        name=name,
        description=fields.prose(entry, "description"),
        declared=declared,
        values=tuple(dict.fromkeys(values)),
        defaults=tuple(dict.fromkeys(defaults)),
        configurable=configurable,
        min_cardinality=fields.whole(entry, "minCardinality", 1),
        max_cardinality=max(1, fields.whole(entry, "maxCardinality", 1)),
        foreign_type="" if declared_as.casefold() in _TYPES else declared_as,
        left_out=_left_out(entry, listed),
    )


def _left_out(entry: dict[str, Any], listed: list[dict[str, Any]]) -> tuple[str, ...]:
    """What nothing is made of; a value's field that only repeats its characteristic's is none of it."""
    of_entry = {key for key, value in entry.items() if key not in _CARRIED.split() and _says_something(value)}
    of_values = {
        f"a value's {key}"
        for member in listed
        for key, value in member.items()
        if key not in _CARRIED_OF_VALUES.split() and _says_something(value) and value != entry.get(key)
    }
    return (*sorted(of_entry), *sorted(of_values))


def _says_something(value: Any) -> bool:
    return value is not False and value not in (None, "", [], {})


def _value(member: dict[str, Any], declared: str) -> Value:
    if "value" not in member and ("valueFrom" in member or "valueTo" in member):
        raise BadItem("a range (valueFrom, valueTo) has no counterpart in the suite; list its values.")
    raw = member.get("value")
    if isinstance(raw, bool):
        text, declared = ("true" if raw else "false"), "boolean"
    elif isinstance(raw, int | Decimal):
        text = fields.plain(fields.number(raw, "value"))
    elif isinstance(raw, str) and raw.strip():
        text = " ".join(raw.split())
    else:
        raise BadItem("a value must be a text, a number or a boolean.")
    value = Value(text, fields.text(member, "unitOfMeasure"), declared)
    if declared == "boolean" and value.boolean is None:
        raise BadItem(f"{text!r} is neither true nor false.")
    if declared == "number" and value.quantity is None:
        fields.number(text, "value")
    return value
