"""What a specification takes of a characteristic: which of its values, which by default, and how many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from apps.core.errors import ValidationFailed, collect
from apps.core.messages import Message
from apps.core.repeats import given_twice
from catalog_services.specification.domain.known import KnownCharacteristic

SIMPLE, FULL = "characteristic_ids", "characteristics"
MAX_VALUES = 500
MAX_CARDINALITY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One characteristic of a specification; without ``values``, any that the characteristic allows.

    ``configurable``: whoever buys it chooses among the values, at least ``min_cardinality`` and at most
    ``max_cardinality`` of them.
    """

    id: str
    values: tuple[str, ...] = ()
    default: str | None = None
    configurable: bool = True
    min_cardinality: int = 0
    max_cardinality: int = 1

    @classmethod
    def of(cls, known: KnownCharacteristic, given: Mapping[str, Any]) -> Self:
        """What is given, and the characteristic's own where nothing is: all its values, its default if among them."""
        values = tuple(given.get("values", known.values))
        own = known.default if not values or known.default in values else None
        settings = {name: given[name] for name in _SETTINGS if name in given}
        return cls(id=known.id, values=values, default=given.get("default", own), **settings)

    def problems(self, known: KnownCharacteristic) -> list[str]:
        """Every broken rule, for a person."""
        return [*self._value_problems(known), *self._cardinality_problems()]

    def _value_problems(self, known: KnownCharacteristic) -> list[str]:
        problems: list[str] = []
        if len(self.values) > MAX_VALUES:
            problems.append(Message("{name}: at most {most} values.", name=known.name, most=MAX_VALUES))
        if repeated := given_twice(self.values):
            problems.append(
                Message(
                    "{name}: given more than once: {repeated}.", name=known.name, repeated=", ".join(repeated)
                )
            )
        if wrong := known.wrong(self.values):
            problems.append(wrong)
        if self.default is not None and self.values and self.default not in self.values:
            problems.append(
                Message(
                    "{name}: the default {default} is not among the values.",
                    name=known.name,
                    default=self.default,
                )
            )
        elif self.default is not None and not self.values and (wrong := known.wrong((self.default,))):
            problems.append(wrong)
        return problems

    def _cardinality_problems(self) -> list[str]:
        low, high = self.min_cardinality, self.max_cardinality
        if low > high:
            return [Message("min_cardinality {low} is above max_cardinality {high}.", low=low, high=high)]
        if self.values and low > len(self.values):
            return [
                Message(
                    "min_cardinality {low} is more than the {count} values there are.",
                    low=low,
                    count=len(self.values),
                )
            ]
        return []


_SETTINGS = ("configurable", "min_cardinality", "max_cardinality")


def chosen_ids(given: Mapping[str, Any]) -> list[str] | None:
    """The ids of the characteristics that REST fields choose, in either form; None when they choose none at all.

    Raises ``ValidationFailed`` for both forms at once, unless they choose the same, as in what is read, and for an id
    given twice.
    """
    if {SIMPLE, FULL} <= set(given) and _ids(given, SIMPLE) != _ids(given, FULL):
        message = Message("Give either {one} or {other}.", one=SIMPLE, other=FULL)
        raise ValidationFailed(message, errors={SIMPLE: [message]})
    field = SIMPLE if SIMPLE in given else FULL
    if field not in given:
        return None
    ids = _ids(given, field)
    if repeated := given_twice(ids):
        message = Message("Given more than once: {repeated}.", repeated=", ".join(repeated))
        raise ValidationFailed(message, errors={field: [message]})
    return ids


def _ids(given: Mapping[str, Any], field: str) -> list[str]:
    return [str(item) if field == SIMPLE else str(item["id"]) for item in given[field]]


def refused_values(given: Mapping[str, Any], known: Mapping[str, KnownCharacteristic]) -> bool:
    """Whether a characteristic as known here refuses a value that is given: its owner may know better."""
    return any(
        known[choice.id].refused((*choice.values, *((choice.default,) if choice.default is not None else ())))
        for choice in _choices(given, known)
    )


def choose(given: Mapping[str, Any], known: Mapping[str, KnownCharacteristic]) -> tuple[Choice, ...]:
    """The choices that REST fields describe, complete. Raises ``ValidationFailed`` naming what is not allowed."""
    choices = _choices(given, known)
    collect(
        *(
            {f"{FULL}.{index}": problems}
            for index, choice in enumerate(choices)
            if (problems := choice.problems(known[choice.id]))
        )
    )
    return choices


def _choices(given: Mapping[str, Any], known: Mapping[str, KnownCharacteristic]) -> tuple[Choice, ...]:
    items: Sequence[Mapping[str, Any]] = given.get(FULL) or [{"id": id_} for id_ in given.get(SIMPLE, ())]
    return tuple(Choice.of(known[str(item["id"])], item) for item in items)
