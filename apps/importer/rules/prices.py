"""Prices: type, period, unit and amount."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from iso4217 import Currency

from apps.core.units import unit_of
from apps.importer.model import BadItem, Notes
from apps.importer.rules import fields
from apps.importer.rules.base import rule

_TYPES = {
    **dict.fromkeys(("recurring", "recurringcharge", "monthly"), "recurring"),
    **dict.fromkeys(("onetime", "onetimecharge", "nonrecurring", "setup"), "one_time"),
    **dict.fromkeys(("usage", "usagecharge"), "usage"),
}
_PERIODS = {
    **dict.fromkeys(("day", "days", "daily"), "day"),
    **dict.fromkeys(("week", "weeks", "weekly"), "week"),
    **dict.fromkeys(("month", "months", "monthly"), "month"),
    **dict.fromkeys(("quarter", "quarters", "quarterly"), "quarter"),
    **dict.fromkeys(("year", "years", "yearly", "annual", "annually"), "year"),
}
_WHOLE_DIGITS = 12
_LONGEST_NAME, _LONGEST_LABEL = 200, 100
_USAGE_PLACES = 6
_CURRENCIES = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}


@rule("price-type")
def price_type(data: dict[str, Any]) -> tuple[str, str]:
    """A price without a priceType is recurring when it names a charge period, usage when it names a unit
    of measure, and else one-time. A discount, an allowance or a percentage is no price of its own and is
    an error.
    """
    if data.get("percentage") is not None and fields.number(data["percentage"], "percentage") != 0:
        raise BadItem("percentage: a percentage on another price has no counterpart in the suite.")
    given = fields.text(data, "priceType")
    if given:
        known = _TYPES.get("".join(c for c in given.casefold() if c.isalpha()))
        if known is None:
            raise BadItem(f"priceType {given!r} has no counterpart in the suite.")
        return known, ""
    if _period_of(data):
        return "recurring", "It has no priceType but a charge period: recurring."
    if fields.nested(data, "unitOfMeasure"):
        return "usage", "It has no priceType but a unit of measure: usage."
    return "one_time", "It has no priceType and no charge period: one-time."


def _period_of(data: dict[str, Any]) -> str:
    """v4 says recurringChargePeriodType on a price, recurringChargePeriod on one inside an offering."""
    return fields.text(data, "recurringChargePeriodType") or fields.text(data, "recurringChargePeriod")


@rule("recurring-period")
def period(data: dict[str, Any]) -> tuple[tuple[str, int], str]:
    """A recurring price is charged each recurringChargePeriodLength (one where it is absent or 0) of its
    period; where it names no period, each month.
    """
    length = fields.whole(data, "recurringChargePeriodLength", 1) or 1
    given = _period_of(data)
    if not given:
        return ("month", length), "It is recurring and names no period: each month."
    known = _PERIODS.get(given.casefold())
    if known is None:
        raise BadItem(f"recurringChargePeriodType {given!r} is none of day, week, month, quarter, year.")
    return (known, length), ""


_PERIOD_FIELDS = "recurringChargePeriodType recurringChargePeriod recurringChargePeriodLength"


@rule("period-left-out")
def no_period(data: dict[str, Any]) -> tuple[None, str]:
    """Only a recurring price has a charge period; that of a one-time or usage price is left out."""
    left = [f"{key} {data[key]!r}" for key in _PERIOD_FIELDS.split() if data.get(key)]
    return None, f"It is not recurring. Left out: {', '.join(left)}." if left else ""


@rule("charged-unit")
def for_unit(data: dict[str, Any], period: str) -> tuple[str, str]:
    """A recurring or one-time price that is for a unit (a seat, a line) says it in its label: `per month per
    seat`, `one time per 10 seat`. The suite reckons with the unit of a usage price only.
    """
    written, quantity = _measure(data)
    if quantity == 1 and period and _PERIODS.get(written.casefold()) == period:
        return "", ""
    if not written:
        if quantity not in (0, 1):
            raise BadItem("unitOfMeasure.units is missing: its amount is not 1.")
        return "", ""
    label = f" per {written}" if quantity == 1 else f" per {fields.plain(quantity)} {written}"
    return label, f"It is for {fields.plain(quantity)} {written}, which only its label says."


def _measure(data: dict[str, Any]) -> tuple[str, Decimal]:
    """The unit that a price is for, as it is written, and how many of them."""
    measure = fields.nested(data, "unitOfMeasure")
    given = measure.get("amount")
    quantity = Decimal(1) if given is None else fields.number(given, "unitOfMeasure.amount")
    written = fields.text(measure, "units") or fields.text(measure, "unit")
    if written and quantity <= 0:
        raise BadItem("unitOfMeasure.amount must be above 0.")
    return written, quantity


@rule("usage-unit")
def usage(data: dict[str, Any], amount: Decimal) -> tuple[tuple[str, str, Decimal], str]:
    """A usage price is for one suite unit: a price for 100 MB is divided by 100, a unit the suite has
    not is converted (km to Meter), and a unit of no measure (a message, a call) is counted as Unit.
    A result that needs more than six decimal places is an error.
    """
    written, quantity = _measure(data)
    if not written:
        raise BadItem("unitOfMeasure.units is missing: a usage price needs the unit it is for.")
    known = unit_of(written)
    unit, factor = known or ("Unit", Decimal(1))
    per_unit = fields.EXACT.divide(amount, fields.EXACT.multiply(quantity, factor))
    _check_size(per_unit)
    if not fields.fits(per_unit, _USAGE_PLACES):
        raise BadItem(f"{amount} for {quantity} {written} needs more than six decimal places per {unit}.")
    text = ""
    if per_unit != amount:
        text = f"{amount} for {fields.plain(quantity)} {written} is {fields.plain(per_unit)} per {unit}."
    elif not known:
        text = f"{written!r} is counted: one {written} is one Unit."
    label = f"per {_SINGULAR.get(unit, unit)}" if known else f"per {written}"
    return (unit, label, per_unit), text


_SINGULAR = {name: name[:-1].lower() for name in ("Seconds", "Minutes", "Hours", "Days", "Months", "Years")}


@rule("tax")
def tax(data: dict[str, Any]) -> tuple[str | None, str]:
    """A price's tax rate is that of its only tax, in percent; the rates of several taxes are added. The
    taxRate within the price is the rate of all its taxes: it counts where these give none, and is an error
    where they give another one.
    """
    whole = _rates([fields.nested(data, "price")])
    rates = _rates(fields.objects(data, "tax")) or whole
    if not rates:
        return None, ""
    rate = sum(rates, Decimal(0))
    if whole and whole != [rate]:
        raise BadItem(
            f"The rates in tax make {fields.plain(rate)}, price.taxRate is {fields.plain(whole[0])}; "
            "one must be changed."
        )
    return fields.plain(rate), f"{len(rates)} tax rates are added." if len(rates) > 1 else ""


def _rates(entries: list[dict[str, Any]]) -> list[Decimal]:
    given = [entry["taxRate"] for entry in entries if entry.get("taxRate") is not None]
    return [fields.number(rate, "taxRate") for rate in given]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money, always above 0."""

    value: Decimal
    currency: str
    tax_included: bool


@rule("price-amount")
def amount(data: dict[str, Any]) -> tuple[Amount, str]:
    """An amount is without tax when it is plain Money or a dutyFreeAmount, and with tax when it is a
    taxIncludedAmount, which is taken where there are both.
    """
    price = fields.nested(data, "price")
    with_tax, without = fields.nested(price, "taxIncludedAmount"), fields.nested(price, "dutyFreeAmount")
    given = with_tax or without or price
    if given.get("value") is None:
        raise BadItem("price.value is missing.")
    value = fields.number(given["value"], "price.value")
    if value <= 0:
        raise BadItem(f"price.value must be above 0, it is {fields.plain(value)}.")
    currency = fields.required(given, "unit")
    if currency not in _CURRENCIES:
        raise BadItem(f"price.unit {currency!r} is no currency of ISO 4217.")
    text = "Both amounts are given; the one with tax is taken." if with_tax and without else ""
    return Amount(value, currency, bool(with_tax)), text


def _check_size(value: Decimal) -> None:
    if value.adjusted() >= _WHOLE_DIGITS:
        raise BadItem(f"price.value comes to more than {_WHOLE_DIGITS} digits before the point.")


def _check_places(money: Amount) -> None:
    places = _CURRENCIES[money.currency]
    if not fields.fits(money.value, places):
        raise BadItem(
            f"price.value {money.value} has more decimal places than {money.currency}, which has {places}."
        )


@rule("price-embedded")
def embedded_name(offering: dict[str, Any], price: dict[str, Any]) -> tuple[str, str]:
    """A price that stands whole inside an offering is a price of its own; without an id its name begins
    with the offering's, for names of prices are unique in the suite.
    """
    name, owner = fields.text(price, "name"), fields.text(offering, "name")
    if not fields.text(price, "id"):
        name = f"{owner} - {name}" if name else owner
    return name, f"It stands inside the offering {owner!r}."


@rule("price-name")
def name_apart(name: str, owner: str, key: str) -> tuple[str, str]:
    """Names of prices are unique in the suite: where several prices of an import have one name, each has its
    offering's before it, and where that does not tell them apart, its id behind it.
    """
    apart = _apart(name, owner, key)
    return apart, "" if apart == name else f"It is not the only price of the name {name!r}."


@rule("price-name-kept")
def name_kept(name: str, owner: str, key: str, has: str) -> tuple[str, str]:
    """A price that the suite has with its offering's name before its own or its id behind it keeps these, also
    when no other price of the import has its name, or when its offering is not in the import. Of a price that
    several offerings share this is the first one's name in the import.
    """
    apart = {_apart(name, owner, ""), _apart(name, owner, key), _apart(name, "", key)}
    is_anybodys = not owner and has.removesuffix(f" ({key})").endswith(f" - {name}")
    if has != name and (has in apart or is_anybodys):
        return has, f"The suite has it as {has!r}."
    return name, ""


def _apart(name: str, owner: str, key: str) -> str:
    behind = f" ({key})" if key else ""
    name = name[: _LONGEST_NAME - len(behind)]
    before = owner[: max(0, _LONGEST_NAME - len(f" - {name}{behind}"))].rstrip()
    return (f"{before} - {name}" if before else name) + behind


def body(data: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """The v1 body of a price, without name, external id and validity."""
    take = notes.take
    money = take(amount(data))
    kind = take(price_type(data))
    filled: dict[str, Any] = {
        "currency": money.currency,
        "price_type": kind,
        "tax_rate": take(tax(data)),
        "tax_included": money.tax_included,
        "recurring_period": None,
        "recurring_period_length": None,
        "unit_of_measure": None,
    }
    if kind != "recurring":
        take(no_period(data))
    if kind == "usage":
        measure, label, per_unit = take(usage(data, money.value))
        _check_label(label)
        return filled | {"value": fields.plain(per_unit), "unit": label, "unit_of_measure": measure}
    _check_size(money.value)
    _check_places(money)
    label, name, length = "one time", "", 1
    if kind == "recurring":
        name, length = take(period(data))
        label = f"per {name}" if length == 1 else f"per {length} {name}s"
        filled |= {"recurring_period": name, "recurring_period_length": length}
    label += take(for_unit(data, name if length == 1 else ""))
    _check_label(label)
    return filled | {"value": fields.plain(money.value), "unit": label}


def _check_label(label: str) -> None:
    if len(label) > _LONGEST_LABEL:
        raise BadItem(
            f"unitOfMeasure.units is too long: its price's label has {_LONGEST_LABEL} letters at most."
        )
