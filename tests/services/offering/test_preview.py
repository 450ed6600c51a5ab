"""The preview below an offering's form: what customers would see of it as it is typed, and nothing is saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from apps.admin_kit.htmx import STOP_POLLING
from apps.core import clock
from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from catalog_services.offering.domain.lifecycle import PUBLISHED, RETIRED
from catalog_services.offering.models import Offering
from catalog_services.offering.references import CHARACTERISTIC
from catalog_services.offering.selectors.store_item import store_item
from tests.services.offering.factories import (
    COLOUR,
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
    _replica,
    price,
    specification,
)
from tests.services.offering.test_admin_form import URL, form
from tests.support.admin import rows

pytestmark = pytest.mark.django_db
PREVIEW = f"{URL}/preview/"


@pytest.fixture
def speed() -> str:
    values = [{"value": "100", "is_default": False}, {"value": "500", "is_default": True}]
    made = _replica(CHARACTERISTIC, {"name": "Speed", "unit_of_measure": "Mbps", "values": values})
    return str(made.aggregate_id)


def uses(id_: str, **use) -> dict[str, object]:
    return {"id": id_, "values": [], "default": None, "configurable": True, **use}


def shown(client: Client, **typed) -> str:
    response = client.post(PREVIEW, form(**typed))
    assert response.status_code == 200
    return response.content.decode()


def test_what_is_typed_is_shown_as_customers_would_see_it_and_nothing_is_saved(browser, speed):
    line = specification(name="Fibre line", brand="Acme", characteristics=[uses(speed)])
    fee = price(name="Monthly fee", value="39.90", unit="per month")
    category = CategoryFactory(name="Fibre", parent_id=CategoryFactory(name="Internet").pk)
    catalog = CatalogFactory(name="Retail")
    before = OutboxEvent.objects.count()
    page = shown(
        browser("manager"),
        name="Fibre <500>",
        description="Fast",
        specification_ids=[str(line.aggregate_id)],
        pricing_ids=[str(fee.aggregate_id)],
        category_ids=[str(category.pk)],
        catalog_ids=[str(catalog.pk)],
        sales_channels=["web"],
    )
    for part in ("Fibre &lt;500&gt;", "Fast", "39.90 EUR", "per month", "Acme", "500 Mbps", "100, 500"):
        assert part in page, part
    assert "Internet / Fibre" in page
    assert "Retail" in page
    assert "still needed" not in page
    assert not Offering.objects.exists()
    assert OutboxEvent.objects.count() == before


@pytest.mark.parametrize(
    ("use", "pin", "value"),
    [
        ({}, None, "500"),
        ({"default": "100"}, None, "100"),
        ({"values": ["100"]}, None, None),
        ({"default": "100"}, "500", "500"),
    ],
)
def test_a_characteristic_has_the_pinned_value_else_the_specifications_else_its_own(speed, use, pin, value):
    line = specification(characteristics=[uses(speed, **use)])
    pins = [{"characteristic_id": speed, "value": pin}] if pin else []
    row = OfferingFactory(specification_ids=[line.aggregate_id], characteristic_values=pins)
    (found,) = store_item(row)["specifications"][0]["characteristics"]
    assert (found["value"], found["pinned"]) == (value, pin is not None)


def test_only_what_is_valid_now_is_shown():
    now = clock.now()
    past, coming = clock.iso(now - timedelta(days=1)), clock.iso(now + timedelta(days=1))
    prices = [
        price(name="over", valid_to=past),
        price(name="coming", valid_from=coming),
        price(name="now", valid_from=past, valid_to=coming),
        price(name="always", valid_from=None),
    ]
    catalogs = [CatalogFactory(valid_from=now + timedelta(days=1)), CatalogFactory(name="Retail")]
    row = OfferingFactory(
        pricing_ids=[one.aggregate_id for one in prices], catalog_ids=[one.pk for one in catalogs]
    )
    item = store_item(row)
    assert [one["name"] for one in item["pricing"]] == ["now", "always"]
    assert [one["name"] for one in item["catalogs"]] == ["Retail"]


def test_what_is_not_known_or_deleted_is_left_out_as_in_the_store():
    line = specification(characteristics=[uses(COLOUR)])
    gone = price()
    row = OfferingFactory(specification_ids=[line.aggregate_id], pricing_ids=[gone.aggregate_id])
    gone.deleted = True
    gone.save()
    row.category_ids = [uuid7()]
    item = store_item(row)
    assert item["specifications"][0]["characteristics"] == []
    assert item["pricing"] == item["categories"] == []


def test_what_the_store_refuses_is_left_out_as_there():
    row = OfferingFactory(pricing_ids=[price(value="a lot").aggregate_id, price(name="now").aggregate_id])
    assert [one["name"] for one in store_item(row)["pricing"]] == ["now"]


def test_members_of_a_bundle_are_named_in_their_order(browser):
    first, second = OfferingFactory(name="Line"), OfferingFactory(name="Box")
    members = [{"id": str(one.pk), "min": "0", "max": "2", "default": "1"} for one in (second, first)]
    page = shown(browser("manager"), is_bundle="on", **rows("bundled_offerings", members))
    assert page.index("Box") < page.index("Line")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "A name is still needed."),
        ({"name": "x" * 201}, "Name: Ensure this value has at most 200 characters"),
        ({"valid_from_0": "someday"}, "Valid from: Enter a valid date."),
        ({"pricing_ids": ["none"]}, "Prices: Choose from what is offered."),
        (rows("bundled_offerings", [{"id": "none"}]), "Members: not every row is complete."),
        ({"bundled_offerings-TOTAL_FORMS": "many"}, "Members: not every row is complete."),
        ({"sales_channels": ["web", "web"]}, "Given more than once: web."),
        ({}, "At least one price is needed."),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_rest_is_shown(browser, typed, said):
    page = shown(browser("manager"), description="all the same", **typed)
    assert said in page
    assert "all the same" in page


def test_the_preview_is_for_who_may_write(browser, client):
    assert browser("viewer").post(PREVIEW, form()).status_code == 403
    assert browser("manager").get(PREVIEW).status_code == 405
    client.cookies.clear()
    assert client.post(PREVIEW, form()).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser("manager").cookies
    assert strict.post(PREVIEW, form()).status_code == 403


def test_a_form_shows_the_preview_and_asks_for_it_anew_while_one_types(browser):
    row = CompleteOfferingFactory(description="Fast as light")
    page = browser("manager").get(f"{URL}/{row.pk}/change/").content.decode()
    assert page.split('id="store-preview"')[1].count("Fast as light") == 1
    assert f'hx-post="{PREVIEW}"' in page
    assert f'hx-post="{PREVIEW}"' in browser("manager").get(f"{URL}/add/").content.decode()
    looked_at = browser("viewer").get(f"{URL}/{row.pk}/change/").content.decode()
    assert 'id="store-preview"' in looked_at
    assert PREVIEW not in looked_at


def test_what_is_published_is_shown_as_the_store_has_it(browser, neighbours):
    row = CompleteOfferingFactory(name="Here")
    Offering.objects.update(lifecycle_status=PUBLISHED)
    page = browser("viewer").get(f"{URL}/{row.pk}/change/").content.decode()
    stored = f"{URL}/{row.pk}/stored/"
    assert f'hx-get="{stored}"' in page
    path = f"/api/v1/store/offerings/{row.pk}"

    neighbours.answers("store", path, {"status": 404, "detail": "There is none."}, status=404)
    waiting = browser("viewer").get(stored)
    assert waiting.status_code == 200  # and htmx asks again
    assert "on its way to the store" in waiting.content.decode()

    neighbours.answers("store", path, {**store_item(row), "id": str(row.pk), "name": "There <b>"})
    there = browser("viewer").get(stored)
    assert there.status_code == STOP_POLLING
    assert "There &lt;b&gt;" in there.content.decode()
    assert f'href="{path}"' in there.content.decode()

    neighbours.down("store")
    silent = browser("viewer").get(stored)
    assert silent.status_code == 200
    assert "gives no answer" in silent.content.decode()


def test_what_is_retired_has_nothing_in_the_store(browser):
    row = CompleteOfferingFactory()
    Offering.objects.update(lifecycle_status=RETIRED)
    page = browser("manager").get(f"{URL}/{row.pk}/change/").content.decode()
    assert "/stored/" not in page
    assert "store-preview" not in page


def test_a_new_one_says_how_it_comes_to_be_published(browser):
    assert "Once it is saved, as a draft" in browser("manager").get(f"{URL}/add/").content.decode()
