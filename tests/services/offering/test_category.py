from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.outbox.models import Tombstone
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.offering import offering_state
from tests.services.offering.factories import (
    CatalogFactory,
    CategoryFactory,
    OfferingFactory,
    specification,
)
from tests.support.exchange import comes_back_unchanged
from tests.support.sent_back import comes_back_as_read

pytestmark = pytest.mark.django_db
URL = "/api/v1/categories"


@pytest.fixture
def manager(api):
    return api("manager")


def test_categories_are_a_tree(manager):
    root = manager.post(URL, {"name": "Broadband"}).json()
    leaf = manager.post(URL, {"name": "Fibre", "parent_id": root["id"]}).json()
    assert [r["id"] for r in manager.get(URL, {"parent_id": root["id"]}).json()] == [leaf["id"]]
    response = manager.patch(f"{URL}/{root['id']}", {"parent_id": leaf["id"]})
    assert response.status_code == 400
    assert "below itself" in response.json()["errors"]["parent_id"][0]


def test_a_category_is_not_its_own_parent_and_its_parent_exists(manager):
    id_ = str(CategoryFactory().pk)
    assert manager.patch(f"{URL}/{id_}", {"parent_id": id_}).status_code == 400
    unknown = manager.post(URL, {"name": "x", "parent_id": "01900000-0000-7000-8000-000000000000"})
    assert "parent_id" in unknown.json()["errors"]


@pytest.mark.parametrize(
    ("query", "order"),
    [({}, ("name ASC", "id ASC")), ({"ordering": "-name"}, ("name DESC", "id DESC"))],
)
def test_categories_of_one_name_are_in_one_order_on_every_page(manager, query, order):
    CategoryFactory()
    with CaptureQueriesContext(connection) as queries:
        assert len(manager.get(URL, query).json()) == 1
    (listing,) = [one["sql"].replace('"', "") for one in queries if "ORDER BY" in one["sql"]]
    assert ", ".join(f"offering_category.{column}" for column in order) in listing


def test_brothers_have_different_names(manager):
    root = manager.post(URL, {"name": "Mobile"}).json()
    twin = manager.post(URL, {"name": "Mobile"})
    assert twin.status_code == 409
    assert twin.json()["existing_id"] == root["id"]
    assert twin.json()["errors"] == {"name": ["Another category in the same parent has this name already."]}
    assert manager.post(URL, {"name": "Mobile", "parent_id": root["id"]}).status_code == 201


def test_what_is_read_may_be_sent_back(manager):
    category = CategoryFactory(parent_id=CategoryFactory().pk, external_id="c-1")
    comes_back_as_read(manager, f"{URL}/{category.pk}")
    comes_back_as_read(
        manager, f"/api/v1/catalogs/{CatalogFactory(valid_to=datetime(2027, 1, 1, tzinfo=UTC)).pk}"
    )


def test_what_holds_something_is_not_deleted(manager):
    root = CategoryFactory()
    leaf = CategoryFactory(parent_id=root.pk)
    OfferingFactory(category_ids=[leaf.pk], name="Fibre 100")
    assert manager.delete(f"{URL}/{root.pk}").status_code == 409
    response = manager.delete(f"{URL}/{leaf.pk}")
    assert response.status_code == 409
    assert "Fibre 100" in response.json()["detail"]


def test_an_empty_category_and_an_empty_catalog_are_deleted(manager):
    assert manager.delete(f"{URL}/{CategoryFactory().pk}").status_code == 204
    assert manager.delete(f"/api/v1/catalogs/{CatalogFactory().pk}").status_code == 204
    assert Tombstone.objects.count() == 2


def test_a_catalog_with_offerings_is_not_deleted(manager):
    catalog = CatalogFactory()
    OfferingFactory(catalog_ids=[catalog.pk])
    assert manager.delete(f"/api/v1/catalogs/{catalog.pk}").status_code == 409


def test_what_only_a_retired_offering_has_is_deleted_and_its_page_still_shows(manager, browser):
    category, catalog, line = CategoryFactory(), CatalogFactory(), specification()
    retired = OfferingFactory(
        category_ids=[category.pk], catalog_ids=[catalog.pk], specification_ids=[line.aggregate_id]
    )
    Offering.objects.update(lifecycle_status="RETIRED")
    state = manager.get(f"/api/v1/offerings/{retired.pk}").json()
    assert manager.delete(f"{URL}/{category.pk}").status_code == 204
    assert manager.delete(f"/api/v1/catalogs/{catalog.pk}").status_code == 204
    line.deleted = True
    line.save()
    assert manager.get(f"/api/v1/offerings/{retired.pk}").json() == state
    for page in ("change", "history"):
        shown = browser("manager").get(f"/admin/offering/offering/offering/{retired.pk}/{page}/")
        assert shown.status_code == 200
    comes_back_unchanged("offering.offering", "csv", lambda: [offering_state(Offering.objects.get())])


def test_a_catalog_ends_after_it_starts(manager):
    body = {"name": "Retail", "valid_from": "2026-02-01T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"}
    assert "valid_to" in manager.post("/api/v1/catalogs", body).json()["errors"]
