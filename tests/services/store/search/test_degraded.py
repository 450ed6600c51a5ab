"""One store down: the other answers and says so. Both down: 503."""

from __future__ import annotations

import time

import pytest
from django.test import override_settings

from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.stores import generations
from catalog_services.store.stores.availability import ELASTICSEARCH, MONGODB
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store, elasticsearch_down, forget_everything, mongodb_down
from tests.services.store.factories import OfferingState, PriceState, event
from tests.services.store.rebuild.conftest import WriteSide, silent
from tests.services.store.search.test_faults import silences


def fill(store: Store) -> str:
    price = PriceState(value="10.00")
    offering = OfferingState(name="Fibre", pricing_ids=[price["id"]])
    store.publish(("Price", price), ("Offering", offering), ("Offering", OfferingState(name="Phone")))
    store.get("search")
    return offering["id"]


def test_while_all_is_well_nothing_is_degraded(store: Store) -> None:
    id = fill(store)
    assert store.get("search")["degraded"] is store.get("offerings")["degraded"] is False
    assert "degraded" not in store.get(f"offerings/{id}")


def test_elasticsearch_down_searches_and_lists_answer_from_mongodb(store: Store) -> None:
    fill(store)
    with elasticsearch_down():
        found = store.get("search", q="fiber", currency="EUR", max_price="20")
        assert [item["name"] for item in found["items"]] == ["Fibre"]
        assert (found["degraded"], found["total"], found["facets"], found["suggestions"]) == (True, 1, {}, [])
        listed = store.get("offerings", currency="EUR", max_price="20")
        assert [item["name"] for item in listed["items"]] == ["Fibre"]
        assert (listed["degraded"], listed["total"]) == (True, 1)
        assert store.get("offerings", limit=1)["total"] is None
    assert store.get("search")["degraded"] is store.get("offerings")["degraded"] is False


def test_by_price_there_is_the_same_to_be_found_in_both_stores(store: Store) -> None:
    over = PriceState(value="1.00", valid_to="2020-01-01T00:00:00Z")
    monthly, once = (
        PriceState(value="30.00", price_type="recurring"),
        PriceState(value="5.00", price_type="one_time"),
    )
    store.publish(*(("Price", price) for price in (over, monthly, once)))
    for name, prices in (("Over", [over]), ("Monthly", [monthly, once]), ("Once", [once])):
        store.publish(("Offering", OfferingState(name=name, pricing_ids=[price["id"] for price in prices])))

    def found(**wish: str) -> set[str]:
        return {item["name"] for item in store.get("search", sort="price", **wish)["items"]}

    usual = found(), found(price_type="recurring")
    with elasticsearch_down():
        assert (found(), found(price_type="recurring")) == usual == ({"Monthly", "Once"}, {"Monthly"})


@pytest.mark.parametrize("process", ["that knew the live generation", "that starts now"])
def test_mongodb_down_everything_answers_from_elasticsearch(store: Store, process: str) -> None:
    id = fill(store)
    with mongodb_down():
        if process == "that starts now":
            forget_everything()
        else:
            time.sleep(0.6)  # the pointer is remembered for half a second
        for path in ("offerings", "search"):
            found = store.get(path, currency="EUR", max_price="20")
            assert [item["name"] for item in found["items"]] == ["Fibre"]
            assert found["degraded"] is True
        assert store.get("search", q="fibr")["suggestions"] == ["fibre"]
        item = store.get(f"offerings/{id}")
        assert (item["name"], item["degraded"]) == ("Fibre", True)
        assert (
            store.client.get(f"/api/v1/store/offerings/{id[:-1]}{int(id[-1], 16) ^ 1:x}").status_code == 404
        )


def test_mongodb_down_a_process_that_read_nothing_for_long_knows_of_rebuilds_by_the_alias(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it knew was the generation before the one before: its index is gone."""
    monkeypatch.setattr(generations, "_KNOWN_SECONDS", 0.5)
    fill(store)
    later = OfferingState(name="By now")
    for _ in range(2):
        source = WriteSide([event("Offering", later, verb="Snapshot")])
        rebuild(source=source, services=WRITE_SERVICES, say=silent)
    store.refresh()
    time.sleep(0.6)
    with mongodb_down():
        assert store.names() == ["By now"]
        assert store.get(f"offerings/{later['id']}")["degraded"] is True


def test_a_degraded_offering_is_not_taken_for_the_one_that_is_not(store: Store) -> None:
    url = f"/api/v1/store/offerings/{fill(store)}"
    usual = store.client.get(url).headers["ETag"]
    with mongodb_down():
        time.sleep(0.6)  # the pointer is remembered for half a second
        first = store.client.get(url, headers={"If-None-Match": usual})
        assert (first.status_code, first.json()["degraded"]) == (200, True)
        degraded = first.headers["ETag"]
        assert store.client.get(url, headers={"If-None-Match": degraded}).status_code == 304
    again = store.client.get(url, headers={"If-None-Match": degraded})
    assert (again.status_code, again.headers["ETag"]) == (200, usual)
    assert "degraded" not in again.json()


@pytest.mark.parametrize("process", ["that knew the live generation", "that starts now"])
def test_both_down_is_503_and_says_when_to_come_back(store: Store, process: str) -> None:
    id = fill(store)
    with elasticsearch_down(), mongodb_down():
        for path in ("offerings", "search", "search?q=fibre", f"offerings/{id}"):
            if process == "that starts now":
                forget_everything()
            response = store.client.get(f"/api/v1/store/{path}")
            assert response.status_code == 503
            assert response.headers["Content-Type"] == "application/problem+json"
            assert response.headers["Retry-After"]


def test_who_is_down_is_remembered_so_that_reads_stay_fast(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    fill(store)
    generations.forget()
    with mongodb_down(), override_settings(STORE_DOWN_MEMORY=600.0):
        for _ in range(6):
            store.get("offerings")
    assert silences(caplog) == 1


def test_a_store_that_is_back_is_asked_again(store: Store) -> None:
    fill(store)
    with elasticsearch_down():
        assert store.get("search")["degraded"] is True
    time.sleep(0.4)
    assert store.get("search")["degraded"] is False
    assert MONGODB.name != ELASTICSEARCH.name


def test_a_missing_index_is_stood_in_for(store: Store) -> None:
    from catalog_services.store.stores import elastic

    fill(store)
    elastic.drop_index(elastic.writing(), store.generation)
    assert store.get("search")["degraded"] is True
    assert store.names() == ["Fibre", "Phone"]


def test_before_anything_was_written_there_is_nothing(store: Store) -> None:
    assert store.get("offerings") == {"total": 0, "items": [], "next_cursor": None, "degraded": False}
    assert store.get("search", q="x")["total"] == 0
    store.publish(("Offering", OfferingState()))


def test_ready_means_one_of_the_two_answers(store: Store) -> None:
    with elasticsearch_down():
        ready = store.client.get("/health/ready")
        assert ready.status_code == 200
        assert ready.json()["parts"]["elasticsearch"]["status"] == "down"
        assert ready.json()["parts"]["mongodb"]["status"] == "up"
        with mongodb_down():
            assert store.client.get("/health/ready").status_code == 503
    store.publish(("Offering", OfferingState()))
