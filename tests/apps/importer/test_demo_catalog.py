"""The demo catalog: complete, varied enough for a demo of search, and free of guesses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from apps.importer.model import Item, Kind, Plan
from apps.importer.normalise import normalise
from apps.importer.order import waves
from apps.importer.read import read
from apps.importer.results import Outcome, Publishing, Results
from tests.apps.importer.conftest import DEMO_CATALOG, only, rules_of
from tests.apps.importer.contract_double import ContractDouble

MINOR_UNITS = {"EUR": 2, "USD": 2, "JPY": 0}


@pytest.fixture(scope="module")
def demo() -> Plan:
    return normalise(read(DEMO_CATALOG))


def prices_of(demo: Plan, offering: Item) -> list[Item]:
    keys = {ref.key for ref in offering.body["pricing_ids"]}
    return [price for price in demo.of(Kind.PRICE) if price.external_id in keys]


def test_nothing_in_it_is_wrong(demo: Plan) -> None:
    assert demo.failures == []
    assert [item.name for item in demo.items if item.errors or item.blocked] == []


def test_no_reference_has_to_be_guessed(demo: Plan) -> None:
    assert {rule for item in demo.items for rule in rules_of(item)} == {
        "catalog-by-category",
        "characteristic-union",
        "not-carried",
        "price-embedded",
        "usage-unit",
    }
    identities = {item.identity for item in demo.items}
    assert all((ref.kind, ref.key) in identities for item in demo.items for ref in item.references())


def test_every_offering_can_be_published_and_found(demo: Plan) -> None:
    assert len(demo.of(Kind.OFFERING)) >= 40
    for offering in demo.of(Kind.OFFERING):
        body = offering.body
        assert offering.publish
        assert body["specification_ids"] or body["bundled_offerings"]
        assert all(
            body[field] for field in ("pricing_ids", "sales_channels", "category_ids", "market_segments")
        )
        assert len(body["catalog_ids"]) == 1
        assert len(body["description"]) > 40


def test_prices_are_in_three_currencies_of_every_type(demo: Plan) -> None:
    prices = demo.of(Kind.PRICE)
    assert Counter(price.body["currency"] for price in prices).keys() == MINOR_UNITS.keys()
    for currency in MINOR_UNITS:
        types = {price.body["price_type"] for price in prices if price.body["currency"] == currency}
        assert types == {"recurring", "one_time", "usage"}
    assert {price.body["recurring_period"] for price in prices} == {None, "month", "quarter", "year"}
    assert len({price.name for price in prices}) == len(prices)


def test_amounts_fit_their_currency_and_households_see_tax_included(demo: Plan) -> None:
    for price in demo.of(Kind.PRICE):
        value = Decimal(price.body["value"])
        places = 6 if price.body["price_type"] == "usage" else MINOR_UNITS[price.body["currency"]]
        assert value == round(value, places)
    household = prices_of(demo, only(demo, Kind.OFFERING, "Fibre Confort 500"))
    business = prices_of(demo, only(demo, Kind.OFFERING, "Business Fiber 500"))
    assert {price.body["tax_included"] for price in household} == {True}
    assert {price.body["tax_included"] for price in business} == {False}


def test_some_offerings_are_sold_in_all_three_currencies(demo: Plan) -> None:
    fleet = prices_of(demo, only(demo, Kind.OFFERING, "Fleet Locator"))
    assert {price.body["currency"] for price in fleet} == MINOR_UNITS.keys()


def test_bundles_come_after_their_members(demo: Plan) -> None:
    wave_of = {item.identity: number for number, wave in enumerate(waves(demo.items)) for item in wave}
    bundles = [item for item in demo.of(Kind.OFFERING) if item.body["is_bundle"]]
    assert len(bundles) >= 3
    for bundle in bundles:
        for member in bundle.body["bundled_offerings"]:
            assert wave_of[bundle.identity] > wave_of[member["id"].kind, member["id"].key]


def test_categories_are_a_tree_below_each_catalog(demo: Plan) -> None:
    categories = demo.of(Kind.CATEGORY)
    roots = [category for category in categories if category.body["parent_id"] is None]
    assert len(demo.of(Kind.CATALOG)) == len(roots) == 4
    assert len(categories) > 20


def test_characteristics_keep_the_type_and_unit_that_their_name_promises(demo: Plan) -> None:
    units = {item.name: item.body["unit_of_measure"] for item in demo.of(Kind.CHARACTERISTIC)}
    assert (units["Download Speed"], units["Data Allowance"], units["Line Rate"]) == ("Mbps", "GB", "Gbps")
    assert len(set(units.values())) >= 15


def test_names_have_accents_and_both_spellings_of_fibre(demo: Plan) -> None:
    said = " ".join(f"{item.name} {item.body['description']}" for item in demo.of(Kind.OFFERING))
    assert all(word in said for word in ("Fibre", "Fiber", "Étudiante", "Télé", "São", "光回線"))


def test_it_imports_publishes_and_a_second_run_changes_nothing(
    bring: Callable[..., Results], double: ContractDouble, demo: Plan
) -> None:
    first = bring(DEMO_CATALOG, publish=True)
    assert not first.bad
    assert {result.outcome for result in first.items} == {Outcome.CREATED}
    published = [r for r in first.items if r.publishing is Publishing.PUBLISHED]
    assert len(published) == len(demo.of(Kind.OFFERING))
    writes = len(double.writes)
    second = bring(DEMO_CATALOG, publish=True)
    assert {result.outcome for result in second.items} == {Outcome.UNCHANGED}
    assert len(double.writes) == writes
