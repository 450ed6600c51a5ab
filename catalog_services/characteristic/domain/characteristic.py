"""The rules of a characteristic: what its values may be (TMF620 CharacteristicSpecification)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from apps.core.errors import FieldErrors, ValidationFailed, collect
from apps.core.messages import Message
from apps.core.repeats import given_twice
from apps.core.units import MEASURABLE, NO_UNIT, UNITS
from apps.core.values import NUMBER, STRING, VALUE_TYPES, fits

MAX_VALUES = 500


@dataclass(frozen=True, slots=True)
class AllowedValue:
    """One value a specification may choose; at most one of a characteristic's is the default."""

    value: str
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A characteristic as a person describes it, before or after the rules."""

    name: str
    description: str = ""
    value_type: str = ""
    unit_of_measure: str = NO_UNIT
    values: tuple[AllowedValue, ...] = ()
    external_id: str | None = None

    def changed(self, fields: Mapping[str, Any]) -> Self:
        """With ``fields`` taken over. ``value`` is the simple form: it becomes the default among ``values``, None being
        no default. Where ``values`` are given too, it is one of them, and they decide when it is None, or as it was
        while they mark another. A ``value_type`` of None is none, and ``checked`` finds the one that fits.

        Raises ``ValidationFailed`` for a ``value`` that the given ``values`` do not have."""
        given = {**fields, "value_type": fields.get("value_type", self.value_type) or ""}
        simple = given.pop("value", None)
        if "values" in given:
            given["values"] = tuple(
                AllowedValue(v["value"], v.get("is_default", False)) for v in given["values"]
            )
        result = replace(self, **given)
        if "value" not in fields:
            return result
        if given.get("values"):
            result._refuse_unless_listed(simple)
            if simple is None or (simple == self.default and result.default is not None):
                return result
        return result._with_default(simple)

    @property
    def default(self) -> str | None:
        return next((v.value for v in self.values if v.is_default), None)

    def checked(self) -> Self:
        """Normalised and valid. Raises ``ValidationFailed`` with every broken rule at its field.

        Without a ``value_type``, a measured characteristic is a number and any other a string.
        """
        tidy = replace(
            self,
            name=self.name.strip(),
            value_type=self.value_type or (NUMBER if self.unit_of_measure in MEASURABLE else STRING),
            values=tuple(AllowedValue(v.value.strip(), v.is_default) for v in self.values),
        )
        collect(tidy._check_head(), tidy._check_values())
        return tidy

    def _refuse_unless_listed(self, value: str | None) -> None:
        if value is not None and value not in [v.value for v in self.values]:
            message = Message("It is none of the values that are given with it.")
            raise ValidationFailed(message, errors={"value": [message]})

    def _with_default(self, value: str | None) -> Self:
        others = [AllowedValue(v.value) for v in self.values]
        if value is not None and value not in [v.value for v in others]:
            others.insert(0, AllowedValue(value))
        return replace(self, values=tuple(AllowedValue(v.value, v.value == value) for v in others))

    def _check_head(self) -> FieldErrors:
        errors: dict[str, Sequence[str]] = {}
        if not self.name:
            errors["name"] = [Message("May not be empty.")]
        if self.unit_of_measure not in UNITS:
            errors["unit_of_measure"] = [Message("Must be one of {choices}.", choices=", ".join(UNITS))]
        if self.value_type not in VALUE_TYPES:
            errors["value_type"] = [Message("Must be one of {choices}.", choices=", ".join(VALUE_TYPES))]
        elif self.unit_of_measure in MEASURABLE and self.value_type != NUMBER:
            errors["value_type"] = [Message("A value in {unit} is a number.", unit=self.unit_of_measure)]
        return errors

    def _check_values(self) -> FieldErrors:
        problems: list[str] = []
        texts = [v.value for v in self.values]
        if len(texts) > MAX_VALUES:
            problems.append(Message("At most {most} values.", most=MAX_VALUES))
        if "" in texts:
            problems.append(Message("A value may not be empty."))
        if repeated := sorted(given_twice(texts)):
            problems.append(Message("Given more than once: {repeated}.", repeated=", ".join(repeated)))
        if sum(v.is_default for v in self.values) > 1:
            problems.append(Message("Only one value can be the default."))
        wrong = [text for text in texts if text and not fits(text, self.value_type)]
        if wrong:
            problems.append(
                Message("Not a {type}: {wrong}.", type=Message(self.value_type), wrong=", ".join(wrong))
            )
        return {"values": problems} if problems else {}
