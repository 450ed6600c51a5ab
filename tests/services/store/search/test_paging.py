"""Sorting, pages and cursors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.store.conftest import Store, elasticsearch_down, new_store
from tests.services.store.factories import OfferingState, PriceState, event

COUNT = 90


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    """A store with many offerings, several of each name, price and date; nobody writes to it."""
    with new_store() as store:
        prices = [PriceState(value=f"{value}.00") for value in range(1, 8)]
        states = [
            OfferingState(
                name=f"Plan {number % 16:03}",
                pricing_ids=[prices[number % 7]["id"]],
                published_at=f"2026-0{1 + number % 5}-01T00:00:00Z",
            )
            for number in range(COUNT)
        ]
        store.publish(*(("Price", price) for price in prices), *(("Offering", state) for state in states))
        yield store


def all_of(items: list[dict[str, Any]]) -> bool:
    """Every offering once."""
    return len(items) == len({item["id"] for item in items}) == COUNT


def pages(store: Store, path: str, **parameters: Any) -> list[dict[str, Any]]:
    items, cursor = [], {}
    for _ in range(100):
        page = store.get(path, limit=8, **cursor, **parameters)
        assert page["total"] == (None if page["degraded"] else COUNT)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}
    raise AssertionError("endless")


@pytest.mark.parametrize("sort", ["name", "-name", "published_at", "-published_at"])
def test_a_cursor_goes_through_everything_once_in_either_store(filled: Store, sort: str) -> None:
    key, backwards = sort.lstrip("-"), sort.startswith("-")
    found = pages(filled, "offerings", sort=sort)
    assert all_of(found)
    values = [item[key] for item in found]
    assert values == sorted(values, reverse=backwards)
    assert pages(filled, "search", sort=sort) == found
    with elasticsearch_down():
        assert pages(filled, "offerings", sort=sort) == pages(filled, "search", sort=sort) == found


@pytest.mark.parametrize("sort", ["price", "-price"])
def test_by_price_each_offering_counts_with_its_lowest(filled: Store, sort: str) -> None:
    found = pages(filled, "search", sort=sort, currency="EUR")
    with elasticsearch_down():
        assert [i["id"] for i in pages(filled, "search", sort=sort, currency="EUR")] == [
            i["id"] for i in found
        ]
    values = [float(item["pricing"][0]["value"]) for item in found]
    assert values == sorted(values, reverse=sort == "-price")
    assert all_of(found)


def test_a_search_by_relevance_has_a_cursor_too(filled: Store) -> None:
    assert all_of(pages(filled, "search", q="plan"))


def test_a_search_begun_on_mongodb_goes_on_there(filled: Store) -> None:
    with elasticsearch_down():
        assert all_of(pages(filled, "search", q="plan"))


def test_a_cursor_stays_where_it_was_while_items_come_and_go(store: Store) -> None:
    for number in range(6):
        store.apply(event("Offering", OfferingState(name=f"Plan {number}")))
    first = store.get("offerings", limit=3)
    store.apply(event("Offering", OfferingState(name="Plan 0a")))
    assert [i["name"] for i in store.get("offerings", limit=3, cursor=first["next_cursor"])["items"]] == [
        "Plan 3",
        "Plan 4",
        "Plan 5",
    ]


def test_skip_and_limit(store: Store) -> None:
    store.publish(*(("Offering", OfferingState(name=f"Plan {number}")) for number in range(5)))
    for path in ("offerings", "search"):
        page = store.get(path, skip=2, limit=2)
        assert ([item["name"] for item in page["items"]], page["total"]) == (["Plan 2", "Plan 3"], 5)
        assert store.get(path, skip=9000, limit=2)["items"] == []


LONG_NAMES = {
    "of one syllable": "가" * 200,
    "of many syllables": "".join(chr(0xAC00 + number * 53) for number in range(200)),
    "of pictures": "".join(chr(0x1F400 + number * 3) for number in range(200)),
    "of what folds to most": "\ufdfa" * 200,
    "of abbreviations of all kinds": "".join(chr(0x3300 + number) for number in range(200)),
}


@pytest.mark.parametrize("name", LONG_NAMES.values(), ids=LONG_NAMES)
def test_a_cursor_comes_back_after_a_name_of_any_script_however_long(store: Store, name: str) -> None:
    states = [OfferingState(name=name) for _ in range(3)]
    store.publish(*(("Offering", state) for state in states))

    def seen() -> set[str]:
        found, cursor = [], {}
        for _ in states:
            page = store.get("offerings", limit=1, **cursor)
            found += [item["id"] for item in page["items"]]
            cursor = {"cursor": page["next_cursor"]}
        return set(found)

    assert seen() == {state["id"] for state in states}
    with elasticsearch_down():
        assert seen() == {state["id"] for state in states}


def test_a_cursor_belongs_to_its_sort(store: Store) -> None:
    store.publish(*(("Offering", OfferingState()) for _ in range(3)))
    cursor = store.get("offerings", limit=1)["next_cursor"]
    assert "name" in store.refused("offerings", sort="-name", cursor=cursor)["cursor"][0]
    assert store.refused("offerings", cursor=cursor[:-1] + ("A" if cursor[-1] != "A" else "B"))["cursor"]
