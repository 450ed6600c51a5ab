"""What is valid at a moment: ``at``, by default now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.core import clock
from catalog_services.store.search import vocabulary
from tests.services.store.conftest import Store
from tests.services.store.factories import CatalogState, OfferingState, PriceState

SPRING, SUMMER = "2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z"


def status(store: Store, id: str, **parameters: str) -> int:
    return int(store.client.get(f"/api/v1/store/offerings/{id}", parameters).status_code)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-02-28T23:59:59Z", False),
        (SPRING, True),
        ("2026-03-01T01:30:00+02:00", False),
        ("2026-03-01T02:00:00+02:00", True),
        ("2026-03-01 02:00:00 02:00", True),
        (SUMMER, True),
        ("2026-06-01T00:00:00.001Z", False),
    ],
)
def test_an_offering_is_shown_while_it_is_valid(store: Store, at: str, shown: bool) -> None:
    offering = OfferingState(name="Spring", valid_from=SPRING, valid_to=SUMMER)
    store.publish(("Offering", offering))
    assert store.names("offerings", at=at) == store.names("search", at=at) == (["Spring"] if shown else [])
    assert status(store, offering["id"], at=at) == (200 if shown else 404)


def test_the_default_is_now(store: Store) -> None:
    offering = OfferingState(name="Spring", valid_from=SPRING, valid_to=SUMMER)
    store.publish(("Offering", offering))
    for month, shown in ((1, False), (4, True), (7, False)):
        with clock.pinned(datetime(2026, month, 1, tzinfo=UTC)):
            assert bool(store.names("offerings")) is bool(store.names("search")) is shown
            assert (status(store, offering["id"]) == 200) is shown


def test_prices_and_catalogs_are_those_that_are_valid_then(store: Store) -> None:
    old, new = PriceState(value="30.00", valid_to=SPRING), PriceState(value="20.00", valid_from=SUMMER)
    catalog = CatalogState(valid_from=SUMMER)
    offering = OfferingState(pricing_ids=[old["id"], new["id"]], catalog_ids=[catalog["id"]])
    store.publish(("Price", old), ("Price", new), ("Catalog", catalog), ("Offering", offering))

    def at(moment: str) -> list[tuple[list[str], int]]:
        items = [store.get(path, at=moment)["items"][0] for path in ("offerings", "search")]
        items.append(store.get(f"offerings/{offering['id']}", at=moment))
        return [([p["value"] for p in item["pricing"]], len(item["catalogs"])) for item in items]

    assert at("2026-01-01T00:00:00Z") == [(["30.00"], 0)] * 3
    assert at("2026-05-01T00:00:00Z") == [([], 0)] * 3
    assert at("2026-07-01T00:00:00Z") == [(["20.00"], 1)] * 3


def test_a_price_filter_counts_only_what_is_valid_then(store: Store) -> None:
    old = PriceState(value="30.00", valid_to=SPRING)
    store.publish(("Price", old), ("Offering", OfferingState(pricing_ids=[old["id"]])))
    for path in ("offerings", "search"):
        assert store.get(path, min_price="30", at="2026-01-01T00:00:00Z")["total"] == 1
        assert store.get(path, min_price="30", at=SUMMER)["total"] == 0


def test_a_catalog_is_filtered_by_and_counted_while_it_is_valid(store: Store) -> None:
    over, now = CatalogState(name="Spring sale", valid_to=SPRING), CatalogState(name="Summer sale")
    offering = OfferingState(name="Fibre", catalog_ids=[over["id"], now["id"]])
    store.publish(("Catalog", over), ("Catalog", now), ("Offering", offering))

    def named(wanted: str, moment: str) -> list[str]:
        vocabulary.forget()
        found, listed = (store.names(path, catalog=wanted, at=moment) for path in ("search", "offerings"))
        assert found == listed
        return found

    for wanted in (over["id"], "spring SALE"):
        assert named(wanted, "2026-01-01T00:00:00Z") == ["Fibre"]
        assert named(wanted, SUMMER) == []
    assert named("Summer sale", SUMMER) == ["Fibre"]
    for moment, counted in (("2026-01-01T00:00:00Z", {over["id"], now["id"]}), (SUMMER, {now["id"]})):
        facets = store.get("search", at=moment)["facets"]
        assert {one["value"] for one in facets["catalog"]} == counted


def test_a_currency_is_counted_while_a_price_in_it_is_valid(store: Store) -> None:
    old = PriceState(currency="USD", valid_to=SPRING)
    new = PriceState(currency="EUR", valid_from=SPRING)
    store.publish(
        ("Price", old), ("Price", new), ("Offering", OfferingState(pricing_ids=[old["id"], new["id"]]))
    )
    for moment, currency in (("2026-01-01T00:00:00Z", "USD"), (SUMMER, "EUR")):
        assert store.get("search", at=moment)["facets"]["currency"] == [{"value": currency, "count": 1}]
        assert store.get("search", at=moment, currency=currency)["total"] == 1


def test_the_etag_follows_what_is_shown(store: Store) -> None:
    price = PriceState(valid_to=SPRING)
    offering = OfferingState(pricing_ids=[price["id"]])
    store.publish(("Price", price), ("Offering", offering))

    def etag(at: str) -> Any:
        return store.client.get(f"/api/v1/store/offerings/{offering['id']}", {"at": at}).headers["ETag"]

    assert etag("2026-01-01T00:00:00Z") == etag("2026-02-01T00:00:00Z") != etag(SUMMER)
