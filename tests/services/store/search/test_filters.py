"""Filters, the same on both stores: each test runs on Elasticsearch (search and list) and on MongoDB (degraded)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.services.store.conftest import Store, elasticsearch_down, new_store
from tests.services.store.factories import (
    CategoryState,
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    uses,
)

WAYS = ("search", "offerings", "degraded")


def ask(way: str, store: Store, **parameters: Any) -> set[str]:
    """Ask Elasticsearch by search or list, or MongoDB: the search while Elasticsearch is down."""
    if way == "degraded":
        with elasticsearch_down():
            return set(store.names("search", **parameters))
    return set(store.names(way, **parameters))


@pytest.fixture(params=WAYS)
def names(request: pytest.FixtureRequest, store: Store) -> Callable[..., set[str]]:
    return partial(ask, request.param, store)


def with_speed(store: Store, name: str, unit: str, *values: str, **use: Any) -> None:
    """An offering of a specification that has ``Speed`` in a unit."""
    speed = CharacteristicState(
        name="Speed", unit_of_measure=unit, values=[{"value": v, "is_default": False} for v in values]
    )
    access = SpecificationState(characteristics=[uses(speed, **use)])
    store.publish(
        ("Characteristic", speed),
        ("Specification", access),
        ("Offering", OfferingState(name=name, specification_ids=[access["id"]])),
    )


@pytest.fixture(scope="module")
def speeds() -> Iterator[Store]:
    """Offerings of 100, 500 and 1000 Mbps; nobody writes to it."""
    with new_store() as store:
        with_speed(store, "slow", "Mbps", "100")
        with_speed(store, "middle", "Mbps", "500")
        with_speed(store, "fast", "Mbps", "1 Gbps")
        yield store


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Speed:100", {"slow"}),
        ("Speed:1000", {"fast"}),
        ("Speed:100..500", {"slow", "middle"}),
        ("Speed:500..", {"middle", "fast"}),
        ("Speed:..100", {"slow"}),
        ("speed:1 Gbps", {"fast"}),
        ("Speed:0.2..1 Gbps", {"middle", "fast"}),
        ("Speed:200 Mbps..1 Gbps", {"middle", "fast"}),
        ("Speed:2..3 Gbps", set()),
        ("Volume:100", set()),
        ("Speed:100 GB", set()),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_ranges_compare_across_units(speeds: Store, way: str, asked: str, found: set[str]) -> None:
    assert ask(way, speeds, characteristic=asked) == found


def test_a_number_without_a_unit_is_in_the_unit_it_is_declared_in(store: Store, names: Any) -> None:
    with_speed(store, "fast", "Gbps", "10")
    assert names(characteristic="Speed:10") == {"fast"}
    assert names(characteristic="Speed:5..20") == {"fast"}
    assert names(characteristic="Speed:10000 Mbps") == {"fast"}
    assert names(characteristic="Speed:10000") == set()


def test_a_text_that_names_its_unit_is_a_number(store: Store, names: Any) -> None:
    port = CharacteristicState(name="Port", value_type="string", unit_of_measure="None", value="10 Gbps")
    access = SpecificationState(characteristics=[uses(port)])
    store.publish(
        ("Characteristic", port),
        ("Specification", access),
        ("Offering", OfferingState(name="X", specification_ids=[access["id"]])),
    )
    assert names(characteristic="Port:5..20 Gbps") == {"X"}
    assert names(characteristic="port:10 gbps") == {"X"}


def test_a_unit_that_an_import_converts_is_asked_for_as_the_catalog_has_it(store: Store, names: Any) -> None:
    power = CharacteristicState(name="Power Capacity", unit_of_measure="Watt", value="5000")
    text = CharacteristicState(name="Supply", value_type="string", unit_of_measure="None", value="5kW")
    rack = SpecificationState(characteristics=[uses(power), uses(text)])
    store.publish(
        ("Characteristic", power), ("Characteristic", text), ("Specification", rack),
        ("Offering", OfferingState(name="X", specification_ids=[rack["id"]])),
    )  # fmt: skip
    for name in ("Power Capacity", "Supply"):
        for value in ("5kW", "5 kw", "..10kW", "1..10 kW", "5000 W"):
            assert names(characteristic=f"{name}:{value}") == {"X"}, (name, value)
        assert names(characteristic=f"{name}:6..10kW") == set()


def test_a_number_is_in_a_range_however_it_is_written(store: Store, names: Any) -> None:
    with_speed(store, "half", "Gbps", ".5")
    with_speed(store, "thousand", "Mbps", "1e3")
    assert names(characteristic="Speed:400..600 Mbps") == {"half"}
    assert names(characteristic="Speed:.9..1.1 Gbps") == {"thousand"}


def test_a_pinned_value_counts_a_configurable_one_is_any_else_the_default(store: Store, names: Any) -> None:
    speed = CharacteristicState(
        name="Speed", values=[{"value": v, "is_default": v == "100"} for v in ("100", "200", "500")]
    )
    fixed = SpecificationState(characteristics=[uses(speed)])
    free = SpecificationState(characteristics=[uses(speed, configurable=True)])
    pin = [{"characteristic_id": speed["id"], "value": "500"}]
    store.publish(
        ("Characteristic", speed), ("Specification", fixed), ("Specification", free),
        ("Offering", OfferingState(name="pinned", specification_ids=[fixed["id"]], characteristic_values=pin)),
        ("Offering", OfferingState(name="default", specification_ids=[fixed["id"]])),
        ("Offering", OfferingState(name="any", specification_ids=[free["id"]])),
    )  # fmt: skip
    assert names(characteristic="Speed:100") == {"default", "any"}
    assert names(characteristic="Speed:200") == {"any"}
    assert names(characteristic="Speed:500") == {"pinned", "any"}


def test_different_characteristics_add_up_and_the_same_one_twice_means_either(
    store: Store, names: Any
) -> None:
    speed = CharacteristicState(
        name="Speed", values=[{"value": v, "is_default": False} for v in ("1", "2", "3")]
    )
    level = CharacteristicState(name="Level", value_type="string", unit_of_measure="None", value="Gold")
    both = SpecificationState(characteristics=[uses(speed, values=["1"], default="1"), uses(level)])
    one = SpecificationState(characteristics=[uses(speed, values=["2"], default="2")])
    store.publish(
        ("Characteristic", speed), ("Characteristic", level), ("Specification", both), ("Specification", one),
        ("Offering", OfferingState(name="both", specification_ids=[both["id"]])),
        ("Offering", OfferingState(name="one", specification_ids=[one["id"]])),
    )  # fmt: skip
    assert names(characteristic=["Speed:1", "Speed:2"]) == {"both", "one"}
    assert names(characteristic=["Speed:1", "Speed:2", "level:gold"]) == {"both"}


def test_prices_compare_in_their_currency(store: Store, names: Any) -> None:
    euro, dollar = PriceState(currency="EUR", value="10.00"), PriceState(currency="USD", value="50.00")
    store.publish(
        ("Price", euro), ("Price", dollar),
        ("Offering", OfferingState(name="euro", pricing_ids=[euro["id"]])),
        ("Offering", OfferingState(name="dollar", pricing_ids=[dollar["id"]])),
        ("Offering", OfferingState(name="both", pricing_ids=[euro["id"], dollar["id"]])),
    )  # fmt: skip
    assert names(currency="EUR") == names(currency="eur") == {"euro", "both"}
    assert names(currency="USD", max_price="20") == set()
    assert names(currency="EUR", max_price="20") == {"euro", "both"}
    assert names(min_price="50") == {"dollar", "both"}
    assert names(min_price="10.00", max_price="10.00", currency="EUR") == {"euro", "both"}
    assert names(currency="JPY") == set()


def test_one_price_has_to_meet_all_wishes(store: Store, names: Any) -> None:
    monthly = PriceState(value="10.00", price_type="recurring", recurring_period="month")
    setup = PriceState(value="99.00", price_type="one_time", recurring_period=None)
    store.publish(
        ("Price", monthly),
        ("Price", setup),
        ("Offering", OfferingState(name="X", pricing_ids=[monthly["id"], setup["id"]])),
    )
    assert names(price_type="one_time", min_price="50") == {"X"}
    assert names(price_type="recurring", min_price="50") == set()
    assert names(period="Month", max_price="10") == {"X"}


def test_channels_categories_and_segments(store: Store, names: Any) -> None:
    above = CategoryState(name="Internet")
    below = CategoryState(name="Fibre Élite", parent_id=above["id"])
    segment = {"market_segments": ["SME"]}
    store.publish(
        ("Category", above), ("Category", below),
        ("Offering", OfferingState(name="A", category_ids=[below["id"]], sales_channels=["Online"], **segment)),
        ("Offering", OfferingState(name="B", category_ids=[above["id"]], sales_channels=["shop"])),
        ("Offering", OfferingState(name="C", sales_channels=["partner"])),
    )  # fmt: skip
    assert names(category="internet") == names(category=above["id"]) == {"A", "B"}
    assert names(category="fibre elite") == {"A"}
    assert names(channel="online") == {"A"}
    assert names(channel=["online", "shop"]) == {"A", "B"}
    assert names(market_segment="sme") == {"A"}
    assert names(channel="shop", category="fibre elite") == set()


def test_an_offering_with_an_absurd_price_is_still_found(store: Store, names: Any) -> None:
    price = PriceState(value="1" + "0" * 400)
    store.publish(("Price", price), ("Offering", OfferingState(name="X", pricing_ids=[price["id"]])))
    assert names(min_price="1000") == {"X"}
