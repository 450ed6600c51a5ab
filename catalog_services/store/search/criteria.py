"""What is asked for, in the store's own terms: folded, in canonical units, checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.core.errors import ValidationFailed
from catalog_services.store.language import text, units
from catalog_services.store.language.synonyms import Term
from catalog_services.store.projection.fields import term

RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed range of numbers in a canonical unit; an open end is None."""

    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CharacteristicFilter:
    """One way to satisfy a characteristic: an exact value (``term``) or a number in one of ``intervals``."""

    slug: str
    term: str | None
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """What one and the same price has to be like."""

    low: float | None = None
    high: float | None = None
    currency: str | None = None
    price_type: str | None = None
    period: str | None = None

    @property
    def any_wish(self) -> bool:
        return any(
            wish is not None for wish in (self.low, self.high, self.currency, self.price_type, self.period)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """A question. ``at`` is in milliseconds since 1970; the values of a filter are alternatives, filters add up.

    ``terms`` is None without a text to look for; empty when the text has no words, which finds nothing.
    ``after`` are the sort values of the last item of the page before.
    """

    at: int
    terms: tuple[Term, ...] | None = None
    prices: Prices = Prices()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_bundle: bool | None = None
    characteristics: tuple[tuple[CharacteristicFilter, ...], ...] = ()
    sort: str = "name"
    skip: int = 0
    limit: int = 50
    after: tuple[float | str, ...] | None = None


UnitsOf = Callable[[str], Sequence[str]]
"""Slug of a characteristic -> the units it is declared in; empty when it is not known."""


def characteristics(given: Sequence[str], units_of: UnitsOf) -> tuple[tuple[CharacteristicFilter, ...], ...]:
    """``Speed:100``, ``Speed:100..500``, ``Speed:..1 Gbps`` or ``Analytics:Basic``; the same name twice means either.

    A number without a unit is in the unit that the characteristic is declared in. Raises ``ValidationFailed``.
    """
    by_slug: dict[str, list[CharacteristicFilter]] = {}
    for one in given:
        name, colon, value = one.partition(":")
        if not (colon and name.strip() and value.strip()):
            raise refused("characteristic", f"Must read name:value or name:low..high, not {one!r}.")
        slug = text.slug(name)
        by_slug.setdefault(slug, []).append(_characteristic(slug, name, value.strip(), units_of(slug)))
    return tuple(tuple(alternatives) for alternatives in by_slug.values())


def _characteristic(slug: str, name: str, value: str, declared: Sequence[str]) -> CharacteristicFilter:
    low, dots, high = value.partition("..")
    if not dots:
        exact = _quantities(value, declared)
        return CharacteristicFilter(
            slug, term(name, value), tuple(Interval(q.unit, q.value, q.value) for q in exact)
        )
    if not (low.strip() or high.strip()):
        raise refused("characteristic", "A range needs a number at one end at least.")
    # In "500..1 Gbps" both ends are in Gbps; in "500 Mbps..1 Gbps" each has its own.
    lows = _ends(low.strip(), declared, other=high.strip())
    highs = _ends(high.strip(), declared, other=low.strip())
    shared = (lows or highs).keys() & (highs or lows).keys()
    if not shared:
        raise refused("characteristic", f"The ends of {value!r} are in units that do not compare.")
    intervals = tuple(Interval(unit, lows.get(unit), highs.get(unit)) for unit in sorted(shared))
    if any(i.low is not None and i.high is not None and i.low > i.high for i in intervals):
        raise refused("characteristic", f"The range {value!r} ends before it begins.")
    return CharacteristicFilter(slug, None, intervals)


def _ends(end: str, declared: Sequence[str], *, other: str) -> dict[str, float]:
    """One end of a range by canonical unit; nothing for an open end."""
    if not end:
        return {}
    if not units.has_unit(end) and (spelled := units.unit_in(other)):
        declared = [spelled]
    found = _quantities(end, declared)
    if not found:
        raise refused("characteristic", f"{end!r} is not a number (or not in a known unit).")
    return {quantity.unit: quantity.value for quantity in found}


def _quantities(value: str, declared: Sequence[str]) -> list[units.Quantity]:
    """A value in every unit that it may be meant in; empty for what is no number."""
    candidates = declared if any(units.is_measured(unit) for unit in declared) else units.CANONICAL_UNITS
    found = {q.unit: q for unit in candidates if (q := units.parse(value, unit)) is not None}
    return list(found.values())


def refused(field: str, message: str) -> ValidationFailed:
    """A parameter's error, as the problem document names it."""
    return ValidationFailed(f"{field}: {message}", errors={field: [message]})
