from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.core.errors import ValidationFailed
from apps.core.units import MEASURABLE
from catalog_services.pricing.domain import money
from catalog_services.pricing.domain.price import PERIODS, PRICE_TYPES, Price

currencies = st.sampled_from(money.CURRENCIES)
prices_for = st.sampled_from(PRICE_TYPES)


def companions(price_type: str) -> dict[str, object]:
    return {
        "recurring": {"recurring_period": "month", "recurring_period_length": 1},
        "usage": {"unit_of_measure": "GB"},
        "one_time": {},
    }[price_type]


@st.composite
def valid_amounts(draw: st.DrawFn) -> tuple[Decimal, str, str]:
    """An amount that its currency and type of price can have."""
    currency, price_type = draw(currencies), draw(prices_for)
    places = money.MINOR_UNITS[currency]
    if price_type == "usage":
        places = max(places, money.USAGE_PLACES)
    units = draw(st.integers(1, 10 ** (money.WHOLE_DIGITS + places) - 1))
    return Decimal(units).scaleb(-places), currency, price_type


@given(valid_amounts())
def test_an_amount_the_currency_can_have_is_kept_to_the_last_digit(case):
    value, currency, price_type = case
    checked = Price(
        name="n", value=value, currency=currency, price_type=price_type, **companions(price_type)
    ).checked()
    text = money.written(checked.value, currency)
    assert Decimal(text) == value
    places = len(text.partition(".")[2])
    assert money.MINOR_UNITS[currency] <= places <= max(money.MINOR_UNITS[currency], money.USAGE_PLACES)


@given(currencies, prices_for, st.integers(1, 10**9), st.integers(1, 20))
@example("JPY", "one_time", 5, 1)
@example("KWD", "recurring", 5, 4)
def test_an_amount_finer_than_the_minor_unit_is_refused(currency, price_type, digits, places):
    value = Decimal(digits * 10 + 1).scaleb(-places)
    allowed = money.MINOR_UNITS[currency]
    if price_type == "usage":
        allowed = max(allowed, money.USAGE_PLACES)
    made = Price(name="n", value=value, currency=currency, price_type=price_type, **companions(price_type))
    if places > allowed:
        with pytest.raises(ValidationFailed) as refused:
            made.checked()
        assert str(allowed) in refused.value.errors["value"][0]
    else:
        assert made.checked().value == value


@given(st.decimals(), currencies)
@example(Decimal("NaN"), "EUR")
@example(Decimal("-Infinity"), "EUR")
@example(Decimal("1e999999"), "EUR")
@example(Decimal("1e-999999"), "EUR")
@example(Decimal("1.0000000000000000000000000000000001"), "EUR")
@example(Decimal(1000000000000), "JPY")
@example(Decimal("-0"), "EUR")
def test_any_number_is_either_stored_as_it_is_or_refused_at_value(value, currency):
    try:
        checked = Price(name="n", value=value, currency=currency).checked()
    except ValidationFailed as refused:
        assert set(refused.errors) == {"value"}
    else:
        assert 0 < checked.value < 10**12
        assert Decimal(money.written(checked.value, currency)) == value


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("5", "EUR", "5.00"),
        ("500", "JPY", "500"),
        ("500.000", "JPY", "500"),
        ("1.25", "KWD", "1.250"),
        ("0.0125", "EUR", "0.0125"),
        ("100000", "IQD", "100000.000"),
        ("1E+2", "EUR", "100.00"),
    ],
)
def test_an_amount_is_written_with_its_minor_unit_in_full(value, currency, text):
    assert money.written(Decimal(value), currency) == text


@pytest.mark.parametrize("code", ["XAU", "XXX", "XTS", "DEM", "eur", "EU", "", "€"])
def test_what_nobody_can_be_charged_in_is_no_currency(code):
    with pytest.raises(ValidationFailed) as refused:
        Price(name="n", value=Decimal(1), currency=code).checked()
    assert set(refused.value.errors) == {"currency"}


@given(
    price_type=st.none() | prices_for,
    period=st.none() | st.sampled_from(PERIODS),
    length=st.none() | st.integers(-2, 1200),
    measure=st.none() | st.sampled_from([*MEASURABLE, "None"]),
    unit=st.sampled_from(["", "per month", "Per Year", "a month", "per sms", "per GB"]),
)
def test_a_price_has_the_fields_of_its_type_and_no_others(price_type, period, length, measure, unit):
    made = Price(
        name="n",
        value=Decimal(1),
        currency="EUR",
        unit=unit,
        price_type=price_type,
        recurring_period=period,
        recurring_period_length=length,
        unit_of_measure=measure,
    )
    try:
        checked = made.checked()
    except ValidationFailed as refused:
        assert set(refused.errors) <= {"recurring_period", "recurring_period_length", "unit_of_measure"}
        return
    assert checked.price_type == price_type or price_type is None
    recurring, usage = checked.price_type == "recurring", checked.price_type == "usage"
    assert (checked.recurring_period in PERIODS) == recurring
    assert (checked.recurring_period_length is not None) == recurring
    assert (checked.unit_of_measure in MEASURABLE) == usage
    assert checked.checked() == checked, "what was checked once stays as it is"
