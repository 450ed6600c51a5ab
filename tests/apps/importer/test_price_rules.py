"""Prices: type, period, unit, amount, tax, and whose price it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.importer.model import Item, Kind, Plan
from tests.apps.importer.conftest import only, rules_of
from tests.apps.importer.records import offering, price

Make = Callable[..., Plan]


def one(plan: Make, record: dict[str, Any]) -> Item:
    return only(plan({"a.json": record}), Kind.PRICE)


@pytest.mark.parametrize(
    ("written", "period", "length", "label"),
    [
        ("monthly", "month", 1, "per month"),
        ("month", "month", 3, "per 3 months"),
        ("Annual", "year", 1, "per year"),
        ("weekly", "week", 2, "per 2 weeks"),
        ("daily", "day", 1, "per day"),
        ("quarterly", "quarter", 1, "per quarter"),
    ],
)
def test_periods_are_read_as_catalogs_write_them(
    plan: Make, written: str, period: str, length: int, label: str
) -> None:
    record = price("P", recurringChargePeriodType=written, recurringChargePeriodLength=length)
    body = one(plan, record).body
    assert (body["recurring_period"], body["recurring_period_length"], body["unit"]) == (
        period,
        length,
        label,
    )


@pytest.mark.parametrize("written", ["oneTime", "one time", "one_time", "One-Time", "nonRecurring"])
def test_a_one_time_price_has_no_period(plan: Make, written: str) -> None:
    body = one(plan, price("P", priceType=written)).body
    assert (body["price_type"], body["unit"], body.get("recurring_period")) == ("one_time", "one time", None)


@pytest.mark.parametrize(
    ("given", "measure", "label"),
    [
        ({}, {"amount": 1, "units": "seat"}, "per month per seat"),
        ({}, {"amount": 10, "units": "seat"}, "per month per 10 seat"),
        ({"recurringChargePeriodLength": 3}, {"amount": 1, "units": "month"}, "per 3 months per month"),
        ({"priceType": "oneTime"}, {"units": "line"}, "one time per line"),
    ],
)
def test_what_a_price_is_for_stays_in_its_label(
    plan: Make, given: dict[str, Any], measure: dict[str, Any], label: str
) -> None:
    item = one(plan, price("P", **given, unitOfMeasure=measure))
    assert (item.body["unit"], item.body["unit_of_measure"]) == (label, None)
    assert "charged-unit" in rules_of(item)


@pytest.mark.parametrize("kind", ["recurring", "usage"])
def test_a_label_that_the_suite_would_refuse_is_the_prices_own_error(plan: Make, kind: str) -> None:
    item = one(plan, price("P", priceType=kind, unitOfMeasure={"amount": 1, "units": "x" * 101}))
    assert "too long" in item.errors[0]


@pytest.mark.parametrize(
    "measure", [None, {}, {"amount": 1}, {"amount": 0, "units": ""}, {"amount": 1, "units": "Month"}]
)
def test_a_measure_that_says_nothing_is_no_assumption(plan: Make, measure: Any) -> None:
    item = one(plan, price("P", unitOfMeasure=measure))
    assert (item.body["unit"], item.errors) == ("per month", [])
    assert "charged-unit" not in rules_of(item)


@pytest.mark.parametrize(
    "more", [{"priceType": "oneTime"}, {"priceType": "usage", "unitOfMeasure": {"units": "GB"}}]
)
def test_a_period_that_is_dropped_is_said(plan: Make, more: dict[str, Any]) -> None:
    record = price("P", recurringChargePeriodLength=3, **more)
    said = [found.text for found in one(plan, record).assumptions if found.rule == "period-left-out"]
    assert said == [
        "It is not recurring. Left out: recurringChargePeriodType 'monthly', recurringChargePeriodLength 3."
    ]


@pytest.mark.parametrize(
    ("amount", "units", "sent"),
    [
        (1, "GB", ("0.5", "GB", "per GB")),
        (1, "minutes", ("0.5", "Minutes", "per minute")),
        (100, "MB", ("0.005", "MB", "per MB")),
        (1, "SMS", ("0.5", "Unit", "per SMS")),
        (1, "kW", ("0.0005", "Watt", "per Watt")),
    ],
)
def test_usage_is_for_one_suite_unit(plan: Make, amount: int, units: str, sent: tuple[str, str, str]) -> None:
    record = price("P", "0.5", priceType="usage", unitOfMeasure={"amount": amount, "units": units})
    body = one(plan, record).body
    assert (body["value"], body["unit_of_measure"], body["unit"]) == sent


@pytest.mark.parametrize(
    ("amount", "sent"), [(3500, "3500"), (29.9, "29.9"), ("29.90", "29.9"), (1e3, "1000")]
)
def test_amounts_are_sent_as_exact_strings(plan: Make, amount: Any, sent: str) -> None:
    assert one(plan, price("P", amount)).body["value"] == sent


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (price("P", 0), "must be above 0"),
        (price("P", -5), "must be above 0"),
        (price("P", "free"), "must be a number"),
        (price("P", True), "must be a number"),
        (price("P", "1e99"), "out of range"),
        (price("P", "1e27"), "more than 12 digits"),
        (price("P", 10**12), "more than 12 digits"),
        (
            price("P", 1, priceType="usage", unitOfMeasure={"amount": "1e-25", "units": "GB"}),
            "more than 12 digits",
        ),
        (price("P", "1e999999999"), "out of range"),
        (price("P", currency=""), "unit is missing"),
        (price("P", price=None), "price.value is missing"),
        (price("P", price=5), "price must be an object"),
        (price("P", currency="XXX"), "no currency of ISO 4217"),
        (price("P", currency="eur"), "no currency of ISO 4217"),
        (price("P", 9.999), "more decimal places than EUR, which has 2"),
        (price("P", "100.5", "JPY"), "more decimal places than JPY, which has 0"),
        (price("P", priceType="discount"), "'discount' has no counterpart"),
        (price("P", percentage=10), "percentage"),
        (price("P", recurringChargePeriodType="fortnightly"), "none of day, week"),
        (price("P", recurringChargePeriodLength=-1), "whole number"),
        (price("P", priceType="usage"), "needs the unit"),
        (price("P", 1, priceType="usage", unitOfMeasure={"amount": 3, "units": "GB"}), "six decimal places"),
        (price("P", 1, priceType="usage", unitOfMeasure={"amount": 0, "units": "GB"}), "above 0"),
        (price("P", unitOfMeasure={"amount": 3}), "its amount is not 1"),
        (price("P", unitOfMeasure={"amount": 0, "units": "seat"}), "above 0"),
        (price("P", validFor={"startDateTime": "soon"}), "no ISO 8601 time"),
        (
            price("P", validFor={"startDateTime": "2026-02-01", "endDateTime": "2026-01-01T00:00:00Z"}),
            "before it starts",
        ),
    ],
)
def test_a_bad_price_is_its_own_error_and_no_others(plan: Make, record: dict[str, Any], says: str) -> None:
    made = plan({"bad.json": record, "good.json": price("Good")})
    assert says in only(made, Kind.PRICE, "P").errors[0]
    assert only(made, Kind.PRICE, "Good").errors == []


def test_a_description_is_said_to_be_left_out(plan: Make) -> None:
    item = one(plan, price("P", description="Waived in the first year"))
    assert [a.text for a in item.assumptions if a.rule == "not-carried"] == ["Left out: description."]


@pytest.mark.parametrize(
    ("left_out", "more", "kind"),
    [
        ("priceType", {}, "recurring"),
        ("priceType recurringChargePeriodType", {}, "one_time"),
        ("priceType recurringChargePeriodType", {"unitOfMeasure": {"units": "GB"}}, "usage"),
    ],
)
def test_a_missing_type_is_told_by_the_other_fields(
    plan: Make, left_out: str, more: dict[str, Any], kind: str
) -> None:
    record = {key: value for key, value in price("P").items() if key not in left_out.split()} | more
    item = one(plan, record)
    assert item.body["price_type"] == kind
    assert "price-type" in rules_of(item)


def test_tax_rates_are_carried_and_several_are_added(plan: Make) -> None:
    assert one(plan, price("P", tax=[{"taxRate": 20}])).body["tax_rate"] == "20"
    both = only(plan({"b.json": price("Q", tax=[{"taxRate": 5}, {"taxRate": 9.975}])}), Kind.PRICE, "Q")
    assert both.body["tax_rate"] == "14.975"
    assert "tax" in rules_of(both)


@pytest.mark.parametrize(
    ("rates", "of_the_price", "sent"),
    [
        ([19], 19, "19"),
        ([5, 9.975], 14.975, "14.975"),
        ([19], None, "19"),
        ([None], 19, "19"),
        ([], 19, "19"),
        ([0], 0, "0"),
    ],
)
def test_the_rate_of_the_price_is_not_counted_again(
    plan: Make, rates: list[Any], of_the_price: Any, sent: str
) -> None:
    money = {"taxIncludedAmount": {"unit": "EUR", "value": 12}, "taxRate": of_the_price}
    item = one(plan, price("P", price=money, tax=[{"taxRate": rate} for rate in rates]))
    assert (item.errors, item.body.get("tax_rate")) == ([], sent)


def test_rates_that_contradict_each_other_are_an_error(plan: Make) -> None:
    record = price(
        "P", price={"unit": "EUR", "value": 12, "taxRate": 7}, tax=[{"taxRate": 10}, {"taxRate": 9}]
    )
    assert one(plan, record).errors == ["The rates in tax make 19, price.taxRate is 7; one must be changed."]


@pytest.mark.parametrize(
    ("amounts", "value", "included"),
    [
        ({"taxIncludedAmount": {"unit": "EUR", "value": 12}}, "12", True),
        ({"dutyFreeAmount": {"unit": "EUR", "value": 10}}, "10", False),
        (
            {
                "dutyFreeAmount": {"unit": "EUR", "value": 10},
                "taxIncludedAmount": {"unit": "EUR", "value": 12},
            },
            "12",
            True,
        ),
        ({"unit": "EUR", "value": 10}, "10", False),
    ],
)
def test_amounts_say_whether_tax_is_in_them(
    plan: Make, amounts: dict[str, Any], value: str, included: bool
) -> None:
    body = one(plan, price("P", price=amounts | {"taxRate": 20})).body
    assert (body["value"], body["tax_included"], body["tax_rate"]) == (value, included, "20")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2025-05-01T00:00:00Z", "2025-05-01T00:00:00Z"),
        ("2025-05-01", "2025-05-01T00:00:00Z"),
        ("2025-05-01T02:00:00+02:00", "2025-05-01T00:00:00Z"),
        ("2025-05-01T00:00:00", "2025-05-01T00:00:00Z"),
    ],
)
def test_validity_is_sent_in_utc(plan: Make, written: str, utc: str) -> None:
    assert one(plan, price("P", validFor={"startDateTime": written})).body["valid_from"] == utc


class TestWhosePrice:
    """The rules that give a price to an offering."""

    def owned(self, made: Plan, name: str = "O") -> list[str]:
        return [ref.name for ref in only(made, Kind.OFFERING, name).body.get("pricing_ids", [])]

    def test_the_offerings_own_list_decides(self, plan: Make) -> None:
        made = plan(
            {
                "x_offering.json": offering("O", productOfferingPrice=[{"id": "p1"}]),
                "prices.json": [price("P", id="p1")],
                "x_price.json": price("Q", productOffering={"name": "Other"}),
                "y_offering.json": offering("Other"),
            }
        )
        assert (self.owned(made), self.owned(made, "Other")) == (["P"], ["Q"])

    def test_a_dead_id_is_passed_over_for_the_name(self, plan: Make) -> None:
        record = price("P", productOffering={"id": "NOBODY-01", "name": "O"})
        made = plan({"a.json": offering("O"), "b.json": record})
        assert self.owned(made) == ["P"]
        assert "price-by-reference" in rules_of(only(made, Kind.PRICE))

    def test_else_the_file_name_decides(self, plan: Make) -> None:
        made = plan(
            {
                "x_offering.json": offering("O"),
                "x_price.json": price("Monthly"),
                "x_price_setup.json": price("Setup"),
                "x_y_price.json": price("Other"),
            }
        )
        assert self.owned(made) == ["Monthly", "Setup"]
        assert "price-by-file-name" in rules_of(only(made, Kind.PRICE, "Monthly"))
        assert "price-without-offering" in rules_of(only(made, Kind.PRICE, "Other"))

    def test_files_of_different_folders_do_not_go_together(self, plan: Make) -> None:
        made = plan({"a/x_offering.json": offering("O"), "b/x_price.json": price("P")})
        assert self.owned(made) == []

    def test_a_bad_price_still_belongs_to_its_offering(self, plan: Make) -> None:
        made = plan({"x_offering.json": offering("O"), "x_price.json": price("P", 0)})
        assert self.owned(made) == ["P"]

    @pytest.mark.parametrize(
        ("of_the_price", "of_the_offering", "given"),
        [("Retired", "Active", False), ("In design", None, False), ("Retired", "Retired", True),
         ("Active", "Retired", True), ("launched", "Active", True)],
    )  # fmt: skip
    @pytest.mark.parametrize("listed", [True, False])
    def test_an_offering_for_sale_is_not_given_a_price_that_is_not(
        self, plan: Make, of_the_price: str, of_the_offering: str | None, given: bool, listed: bool
    ) -> None:
        references = {"productOfferingPrice": [{"id": "old"}]} if listed else {}
        made = plan(
            {
                "x_offering.json": offering("O", lifecycleStatus=of_the_offering, **references),
                "x_price.json": price("Old", id="old", lifecycleStatus=of_the_price),
            }
        )
        item = only(made, Kind.OFFERING)
        assert [ref.name for ref in item.body["pricing_ids"]] == (["Old"] if given else [])
        said = f"Its price 'Old' is left out, whose lifecycleStatus is {of_the_price!r}."
        assert (said in {assumption.text for assumption in item.assumptions}) is not given

    def test_an_offering_whose_price_file_is_broken_is_not_imported_without_its_price(
        self, plan: Make
    ) -> None:
        made = plan({"x_offering.json": offering("O"), "x_price.json": "{", "y_offering.json": offering("P")})
        assert "x_price.json cannot be imported" in only(made, Kind.OFFERING, "O").blocked
        assert only(made, Kind.OFFERING, "P").blocked == ""

    def test_a_price_inside_an_offering_becomes_a_price_of_its_own(self, plan: Make) -> None:
        inner = {key: value for key, value in price("Fee").items() if key != "@type"}
        made = plan({"a.json": [offering("A", productOfferingPrice=[inner])],
                     "b.json": [offering("B", productOfferingPrice=[inner])]})  # fmt: skip
        assert (self.owned(made, "A"), self.owned(made, "B")) == (["A - Fee"], ["B - Fee"])
        assert "price-embedded" in rules_of(only(made, Kind.PRICE, "A - Fee"))
        assert made.failures == []
