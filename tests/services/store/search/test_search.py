"""Finding: words as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog_services.store.search import vocabulary
from tests.services.store.conftest import Store, new_store
from tests.services.store.factories import (
    CategoryState,
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)


def offer(store: Store, *names: str, **fields: Any) -> None:
    store.publish(*(("Offering", OfferingState(name=name, **fields)) for name in names))


def test_a_misspelled_word_finds_what_was_meant_and_says_so(store: Store) -> None:
    offer(store, "Business Internet", "Mobile Basic")
    found = store.get("search", q="bussines internt")
    assert [item["name"] for item in found["items"]] == ["Business Internet"]
    assert found["suggestions"][0] == "business internet"


def test_a_question_of_known_words_has_no_suggestions(store: Store) -> None:
    offer(store, "Business Internet")
    assert store.get("search", q="business internet")["suggestions"] == []


@pytest.mark.parametrize("asked", ["élite", "elite", "ELITE", "e\u0301lite"])
def test_accents_and_case_make_no_difference(store: Store, asked: str) -> None:
    offer(store, "Fibre Élite", "Basic")
    assert store.names(q=asked) == ["Fibre Élite"]


@pytest.mark.parametrize("asked", ["5kW", "5 kw", "5000 Watt"])
def test_a_power_in_kilowatts_is_found_where_it_is_kept_in_watts(store: Store, asked: str) -> None:
    power = CharacteristicState(name="Power", unit_of_measure="Watt", value="5000")
    rack = SpecificationState(characteristics=[uses(power)])
    store.publish(("Characteristic", power), ("Specification", rack))
    offer(store, "Rack", specification_ids=[rack["id"]])
    offer(store, "Cage 5", "5 Watt")
    assert store.names(q=asked) == ["Rack"]


def test_endings_make_no_difference(store: Store) -> None:
    offer(store, "Dedicated Connections")
    assert store.names(q="dedicate connection") == ["Dedicated Connections"]


@pytest.mark.parametrize("asked", ["fiber", "fibre", "fibers"])
def test_both_spellings_of_fibre_find_each_other(store: Store, asked: str) -> None:
    offer(store, "Fibre 100", "Fiber 500", "Copper")
    assert set(store.names(q=asked)) == {"Fibre 100", "Fiber 500"}


def test_a_managers_synonyms_count_at_once(store: Store) -> None:
    offer(store, "Home Gateway", "Switch")
    assert store.names(q="cpe") == []
    store.apply(event("SynonymSet", {"id": "s", "terms": ["CPE", "home gateway"]}))
    vocabulary.forget()
    assert store.names(q="cpe") == ["Home Gateway"]


def test_a_phrase_synonym_means_its_words_together(store: Store) -> None:
    offer(store, "FTTH 100", "Home office with fibre desk")
    assert store.names(q="fibre to the home") == ["FTTH 100"]


@pytest.mark.parametrize("asked", ["sdwan", "SD-WAN", "sd wan"])
def test_compounds_are_found_in_any_writing(store: Store, asked: str) -> None:
    offer(store, "SD-WAN Business", "WAN")
    assert store.names(q=asked)[0] == "SD-WAN Business"


def test_the_beginning_of_a_word_is_enough(store: Store) -> None:
    offer(store, "Colocation Standard")
    assert store.names(q="coloc") == ["Colocation Standard"]


def test_a_hit_in_the_name_comes_first(store: Store) -> None:
    store.publish(
        ("Offering", OfferingState(name="Aardvark", description="Firewall included")),
        ("Offering", OfferingState(name="Firewall")),
    )
    assert store.names(q="firewall") == ["Firewall", "Aardvark"]


def test_specifications_characteristics_and_categories_are_searched_too(store: Store) -> None:
    level = CharacteristicState(
        name="Analytics", value_type="string", unit_of_measure="None", value="Advanced"
    )
    access = SpecificationState(name="Gateway", brand="TelcoNet", characteristics=[uses(level)])
    category = CategoryState(name="Security")
    offering = OfferingState(name="X", specification_ids=[access["id"]], category_ids=[category["id"]])
    store.publish(
        ("Characteristic", level), ("Specification", access), ("Category", category), ("Offering", offering)
    )
    for asked in ("gateway", "telconet", "analytics advanced", "security"):
        assert store.names(q=asked) == ["X"], asked


def test_all_of_two_words_have_to_be_there(store: Store) -> None:
    offer(store, "Business Internet", "Business Phone")
    assert store.names(q="business phone") == ["Business Phone"]


def test_a_question_without_words_finds_nothing_and_no_question_finds_all(store: Store) -> None:
    offer(store, "One", "Two")
    assert store.names(q="?!") == []
    assert store.names(q="") == store.names(q="  ") == store.names() == ["One", "Two"]


@pytest.fixture(scope="module")
def alpha() -> Iterator[Store]:
    """A store with one offering; nobody writes to it."""
    with new_store() as store:
        offer(store, "Alpha")
        yield store


@pytest.mark.parametrize(
    "hostile",
    [
        '{"match_all":{}}',
        "* OR name:*",
        "name:/.*/",
        "') || true //",
        "{$ne: null}",
        "${jndi:ldap://x}",
        "\\",
        '"',
        "a" * 200,
        "🦄" * 5,
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "((((((((((((((((((",
        "AND OR NOT ~ ^ : [ TO ]",
    ],
)
def test_queries_in_disguise_are_only_words(alpha: Store, hostile: str) -> None:
    for parameter in ("q", "category", "channel", "brand", "period"):
        assert alpha.names("search", **{parameter: hostile}) == []


@pytest.mark.parametrize(
    "hostile", ["$where:1", "a.b:1..2", "numbers.x:1", "_id:1..2", "x\u2028y:..5", "{}:{}"]
)
def test_characteristics_in_disguise_are_only_names(alpha: Store, hostile: str) -> None:
    assert alpha.names("search", characteristic=hostile) == []


def test_facets_count_what_was_found(store: Store) -> None:
    speed = CharacteristicState(name="Speed", value="100")
    access = SpecificationState(brand="Acme", characteristics=[uses(speed)])
    category = CategoryState(name="Internet")
    euro, dollar = PriceState(currency="EUR", value="10.00"), PriceState(currency="USD", value="20.00")
    wide = OfferingState(
        name="Fibre",
        category_ids=[category["id"]],
        pricing_ids=[euro["id"], dollar["id"]],
        specification_ids=[access["id"]],
        sales_channels=["online", "shop"],
    )
    store.publish(
        ("Characteristic", speed),
        ("Specification", access),
        ("Category", category),
        ("Price", euro),
        ("Price", dollar),
        ("Offering", wide),
        ("Offering", OfferingState(name="Fibre shop", sales_channels=["shop"], pricing_ids=[euro["id"]])),
        ("Offering", OfferingState(name="Phone", sales_channels=["partner"])),
    )
    facets = store.get("search", q="fibre")["facets"]
    assert facets["channel"] == [{"value": "shop", "count": 2}, {"value": "online", "count": 1}]
    assert facets["category"] == [{"value": category["id"], "name": "Internet", "count": 1}]
    assert facets["currency"] == [{"value": "EUR", "count": 2}, {"value": "USD", "count": 1}]
    assert facets["brand"] == [{"value": "Acme", "count": 1}]
    assert facets["characteristic"] == [{"name": "Speed", "values": [{"value": "100 Mbps", "count": 1}]}]
    assert facets["price"] == [
        {"currency": "EUR", "min": 10.0, "max": 10.0, "count": 2},
        {"currency": "USD", "min": 20.0, "max": 20.0, "count": 1},
    ]
