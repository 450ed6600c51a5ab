"""The rules of a price (TMF620 ProductOfferingPrice): its amount, what it is charged for, and when it is valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from apps.core.errors import FieldErrors, ValidationFailed, collect
from apps.core.messages import Message
from apps.core.units import MEASURABLE
from catalog_services.pricing.domain import money

RECURRING, ONE_TIME, USAGE = "recurring", "one_time", "usage"
PRICE_TYPES = (RECURRING, ONE_TIME, USAGE)
PERIODS = ("day", "week", "month", "quarter", "year")
MAX_PERIOD_LENGTH = 999
TAX_PLACES = 4

_COMPANIONS = {
    RECURRING: ("recurring_period", "recurring_period_length"),
    ONE_TIME: (),
    USAGE: ("unit_of_measure",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price as a person describes it, before or after the rules.

    ``value`` is in units of ``currency``; a recurring price is charged every ``recurring_period_length``
    periods, a usage price for one ``unit_of_measure``. ``tax_rate`` is in percent.
    """

    name: str
    value: Decimal = Decimal(0)
    currency: str = ""
    unit: str = ""
    price_type: str | None = None
    recurring_period: str | None = None
    recurring_period_length: int | None = None
    unit_of_measure: str | None = None
    tax_rate: Decimal | None = None
    tax_included: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    external_id: str | None = None

    def changed(self, fields: Mapping[str, Any]) -> Self:
        """With ``fields`` taken over; a new label that names a period brings it along.

        Raises ``ValidationFailed`` on ``unit`` when the label and the charging of a price would part. What a price
        was created with may differ, and stays.
        """
        given = replace(self, **fields)
        if not self.price_type:
            return given
        before, named = _period_in(self.unit), _period_in(given.unit)
        if named is None or (named, given.recurring_period) == (before, self.recurring_period):
            return given
        if given.price_type == ONE_TIME and named != before:
            raise _parted(Message("A {type} price has no period.", type=Message.name(ONE_TIME)))
        if given.price_type == ONE_TIME or given.recurring_period in {None, named}:
            return given
        if fields.get("recurring_period"):
            raise _parted(
                Message("Names another period than {field}.", field=Message.name("recurring_period"))
            )
        length = fields.get("recurring_period_length")
        return replace(given, recurring_period=named, recurring_period_length=length)

    def checked(self) -> Self:
        """Normalised and valid. Raises ``ValidationFailed`` with every broken rule at its field."""
        tidy = replace(self, name=self.name.strip(), unit=self.unit.strip())._completed()
        collect(tidy._check_head(), tidy._check_money(), tidy._check_companions(), tidy._check_validity())
        return tidy

    def _completed(self) -> Self:
        """The simple form: ``unit`` "per month" says a recurring price's period, and a period without a length is one.

        Without a ``price_type``, a price with a period is recurring, one with a unit of measure usage, any
        other one-time.
        """
        period = self.recurring_period
        if period is None and self.price_type in {None, "", RECURRING} and self.unit_of_measure is None:
            period = _period_in(self.unit)
        guess = RECURRING if period else USAGE if self.unit_of_measure else ONE_TIME
        length = self.recurring_period_length
        return replace(
            self,
            price_type=self.price_type or guess,
            recurring_period=period,
            recurring_period_length=1 if period and length is None else length,
        )

    def _check_head(self) -> FieldErrors:
        errors: dict[str, list[str]] = {}
        if not self.name:
            errors["name"] = [Message("May not be empty.")]
        if self.price_type not in PRICE_TYPES:
            errors["price_type"] = [Message("Must be one of {choices}.", choices=", ".join(PRICE_TYPES))]
        return errors

    def _check_money(self) -> FieldErrors:
        errors: dict[str, list[str]] = {}
        if self.currency not in money.MINOR_UNITS:
            errors["currency"] = [Message("Must be the code of a currency in ISO 4217, such as EUR.")]
        elif wrong := money.problem(self.value, self.currency, usage=self.price_type == USAGE):
            errors["value"] = [wrong]
        if self.tax_rate is not None and not 0 <= self.tax_rate <= 100:
            errors["tax_rate"] = [Message("Must be from 0 to 100 (percent).")]
        elif self.tax_rate is not None and money.used_places(self.tax_rate) > TAX_PLACES:
            errors["tax_rate"] = [Message("Has at most {places} decimal places.", places=TAX_PLACES)]
        return errors

    def _check_companions(self) -> FieldErrors:
        """Each type of price has the fields that say what it is charged for, and none of the others'."""
        needed = _COMPANIONS.get(self.price_type or "")
        if needed is None:
            return {}
        errors: dict[str, list[str]] = {}
        price_type = Message.name(self.price_type or "")
        for name in ("recurring_period", "recurring_period_length", "unit_of_measure"):
            given = getattr(self, name) is not None
            if given and name not in needed:
                errors[name] = [
                    Message("A {type} price has none: leave it out, or send null.", type=price_type)
                ]
            elif not given and name in needed:
                errors[name] = [Message("A {type} price needs it.", type=price_type)]
        for name, wrong in self._wrong_companions():
            errors.setdefault(name, []).append(wrong)
        return errors

    def _wrong_companions(self) -> list[tuple[str, str]]:
        wrong: list[tuple[str, str]] = []
        if self.recurring_period is not None and self.recurring_period not in PERIODS:
            wrong.append(
                ("recurring_period", Message("Must be one of {choices}.", choices=", ".join(PERIODS)))
            )
        length = self.recurring_period_length
        if length is not None and not 1 <= length <= MAX_PERIOD_LENGTH:
            wrong.append(
                ("recurring_period_length", Message("Must be from 1 to {most}.", most=MAX_PERIOD_LENGTH))
            )
        if self.unit_of_measure is not None and self.unit_of_measure not in MEASURABLE:
            wrong.append(
                ("unit_of_measure", Message("Must be one of {choices}.", choices=", ".join(MEASURABLE)))
            )
        return wrong

    def _check_validity(self) -> FieldErrors:
        if self.valid_from is not None and self.valid_to is not None and self.valid_from >= self.valid_to:
            return {"valid_to": [Message("Must be after {field}.", field=Message.name("valid_from"))]}
        return {}


def _parted(message: Message) -> ValidationFailed:
    return ValidationFailed(message, errors={"unit": [message]})


def _period_in(unit: str) -> str | None:
    words = unit.casefold().split()
    return words[1] if len(words) == 2 and words[0] == "per" and words[1] in PERIODS else None
