"""Money: decimal amounts with as many places as the currency's minor unit has (ISO 4217)."""

from __future__ import annotations

from decimal import Decimal

from iso4217 import Currency

from apps.core.messages import Message

MINOR_UNITS: dict[str, int] = {c.code: c.exponent for c in Currency if c.exponent is not None}
"""Currency code -> places of its minor unit: 0 for JPY, 2 for EUR, 3 for KWD. Codes that are no money to charge in
(gold, testing, no currency) have none and are not here."""

CURRENCIES = tuple(sorted(MINOR_UNITS))
WHOLE_DIGITS = 12
USAGE_PLACES = 6
"""An amount has at most this many digits before the point, and a price per used unit this many after it."""

_ZERO, _CEILING = Decimal(0), Decimal(10) ** WHOLE_DIGITS


def problem(value: Decimal, currency: str, *, usage: bool) -> str:
    """What is wrong with an amount, for a person; empty when nothing is."""
    if not value.is_finite() or value <= _ZERO:
        return Message("Must be greater than 0.")
    if value >= _CEILING:
        return Message("Must have at most {most} digits before the point.", most=WHOLE_DIGITS)
    places = max(MINOR_UNITS[currency], USAGE_PLACES) if usage else MINOR_UNITS[currency]
    if used_places(value) > places:
        what = Message("A usage price") if usage else currency
        return Message("{what} has at most {places} decimal places.", what=what, places=places)
    return ""


def used_places(value: Decimal) -> int:
    """Decimal places that matter: 2 for 1.250, 0 for 100."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return 0
    trailing_zeros = next(count for count, digit in enumerate(reversed(digits)) if digit)
    return max(0, -exponent - trailing_zeros)


def written(value: Decimal, currency: str) -> str:
    """An amount as text, with the currency's minor unit in full: ``5.00`` EUR, ``500`` JPY, ``0.0125`` EUR a MB."""
    return f"{value:.{max(MINOR_UNITS[currency], used_places(value))}f}"
