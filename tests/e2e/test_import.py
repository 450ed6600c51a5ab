"""The importer against the whole suite: a real, messy catalog becomes published offerings that a customer finds."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from apps.importer.client import SuiteClient
from apps.importer.model import Kind
from apps.importer.results import Outcome, Publishing, Results
from apps.importer.run import import_catalog
from config import env
from tests.e2e.conftest import Api
from tests.support.waiting import eventually

REAL_CATALOG = env.BASE_DIR.parent / "shared" / "oda-catalog"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real catalog that a test may change; the project itself holds none."""
    if not REAL_CATALOG.is_dir():
        pytest.skip(f"the real catalog is not on this machine: {REAL_CATALOG}")
    copy = tmp_path_factory.mktemp("import") / "catalog"
    copy.mkdir()
    for file in REAL_CATALOG.glob("*.json"):
        shutil.copyfile(file, copy / file.name)
    return copy


@pytest.fixture(scope="module")
def client() -> Iterator[SuiteClient]:
    url, password = env.service_url("gateway"), env.secret("MANAGER_PASSWORD")
    with SuiteClient(url, "manager", password) as suite:
        yield suite


@pytest.fixture(scope="module")
def imported(catalog: Path, client: SuiteClient) -> Results:
    return import_catalog(catalog, client, publish=True)


def published(results: Results) -> Counter[Publishing]:
    return Counter(result.publishing for result in results.items if result.item.kind is Kind.OFFERING)


def test_46_files_become_16_published_offerings_that_a_customer_finds(
    imported: Results, visitor: Api
) -> None:
    problems = [(r.item.name, r.messages, r.publishing_message) for r in imported.items if r.bad]
    assert (problems, imported.failures) == ([], [])
    assert published(imported).total() == 16
    for result in imported.items:
        if result.item.kind is Kind.OFFERING:
            name = result.item.name
            eventually(partial(found, visitor, name, result.id), why=f"{name} is not found")


def found(visitor: Api, name: str, identifier: str) -> bool:
    answer = visitor.get("/api/v1/store/search", params={"q": name, "limit": "100"}).json()
    return identifier in {item["id"] for item in answer["items"]}


def test_values_with_units_are_numbers_that_can_be_searched(imported: Results, visitor: Api) -> None:
    query = {"characteristic": "Power Capacity:9000..11000", "limit": "100"}

    def names() -> set[str]:
        answer = visitor.get("/api/v1/store/search", params=query).json()
        return {item["name"] for item in answer["items"]}

    eventually(lambda: "High Density Colocation Rack" in names(), why=f"{names()}")
    assert "Standard Colocation Rack" not in names()


def test_a_second_run_changes_nothing_and_a_dry_run_says_so(
    imported: Results, catalog: Path, client: SuiteClient
) -> None:
    for options in ({"dry_run": True}, {"publish": True}):
        again = import_catalog(catalog, client, **options)
        assert {result.outcome for result in again.items} == {Outcome.UNCHANGED}
    assert published(again) == {Publishing.ALREADY: 16}


def test_a_changed_price_reaches_the_customer_and_a_changed_offering_is_a_conflict(
    imported: Results, catalog: Path, client: SuiteClient, visitor: Api
) -> None:
    price = catalog / "enterprise_mpls_gold_price.json"
    record = json.loads(price.read_text())
    record["price"]["value"] = 1499.95
    price.write_text(json.dumps(record))
    offering = catalog / "enterprise_sdwan_business_offering.json"
    record = json.loads(offering.read_text())
    record["description"] = "Changed after publication"
    offering.write_text(json.dumps(record))

    results = import_catalog(catalog, client, publish=True)
    changed = {
        result.item.name: result for result in results.items if result.outcome is not Outcome.UNCHANGED
    }
    assert {name: result.outcome for name, result in changed.items()} == {
        "Business MPLS Network - Monthly Fee": Outcome.UPDATED,
        "SD-WAN Business": Outcome.CONFLICT,
    }
    mpls = next(result.id for result in results.items if result.item.name == "Business MPLS Network")

    def shown() -> list[str]:
        item = visitor.get(f"/api/v1/store/offerings/{mpls}").json()
        return [price["value"] for price in item["pricing"]]

    eventually(lambda: shown() == ["1499.95"], why="the store does not follow the price")
