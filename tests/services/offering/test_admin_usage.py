"""Where offerings, categories and catalogs are used; and the lists of offerings that such pages link to."""

from __future__ import annotations

import re
from html import unescape

import pytest

from apps.core.ids import uuid7
from apps.references.usage import NOT_RETIRED
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.domain.lifecycle import RETIRED, STATUSES
from catalog_services.offering.models import Catalog, Offering
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import (
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
    price,
    specification,
)

pytestmark = pytest.mark.django_db
URL = "/admin/offering/offering"
OFFERINGS, CATEGORIES = ("offering", "/api/v1/offerings"), ("offering", "/api/v1/categories")
CAN = "it can be deleted"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def used(client, page: str, row) -> str:
    return text(client.get(f"{URL}/{page}/{row.pk}/where-used/"))


def listed(client, query: str, page: str = "offering") -> list[str]:
    return sorted(row.name for row in client.get(f"{URL}/{page}/?{query}").context["cl"].result_list)


def test_what_one_kind_uses_is_not_free_because_another_does_not(browser, neighbours):
    row, client = CategoryFactory(), browser("manager")
    neighbours.answers(*OFFERINGS, [])
    neighbours.answers(*CATEGORIES, [{"id": "c1", "name": "Below"}])
    page = used(client, "category", row)
    assert page.count("Nowhere.") == 1
    assert CAN not in page
    neighbours.answers(*CATEGORIES, [])
    page = used(client, "category", row)
    assert page.count("Nowhere.") == 2
    assert page.count(CAN) == 1


@pytest.mark.parametrize("status", ["PUBLISHING", "PUBLISHED", "RETIRED"])
def test_what_is_no_draft_is_not_said_to_be_deletable(browser, neighbours, status):
    neighbours.answers(*OFFERINGS, [])
    row, client = OfferingFactory(), browser("manager")
    assert CAN in used(client, "offering", row)
    Offering.objects.update(lifecycle_status=status)
    page = used(client, "offering", row)
    assert "Nowhere." in page
    assert CAN not in page


def test_what_is_no_draft_is_not_asked_to_be_deleted(browser, neighbours):
    neighbours.answers(*OFFERINGS, [])
    draft, running = OfferingFactory(), CompleteOfferingFactory()
    offering_publish(actor=MONA, id=running.pk)
    chosen = {"action": "delete_selected", "_selected_action": [str(draft.pk), str(running.pk)]}
    page = text(browser("manager").post(f"{URL}/offering/", chosen))
    assert "A publication is running; wait until it has ended." in page
    assert f'name="_selected_action" value="{draft.pk}"' in page
    assert f'name="_selected_action" value="{running.pk}"' not in page


def test_the_list_shows_what_uses_one_thing_and_says_which(browser):
    line, fee = specification(name="Line A"), price(name="Fee A")
    category, catalog = CategoryFactory(name="Home A"), CatalogFactory(name="Retail A")
    member = OfferingFactory(name="Member A")
    uses = {
        "specification_id": (
            line.aggregate_id,
            {"specification_ids": [line.aggregate_id]},
            "specification Line A",
        ),
        "pricing_id": (fee.aggregate_id, {"pricing_ids": [fee.aggregate_id]}, "price Fee A"),
        "category_id": (category.pk, {"category_ids": [category.pk]}, "category Home A"),
        "catalog_id": (catalog.pk, {"catalog_ids": [catalog.pk]}, "catalog Retail A"),
        "bundled_offering_id": (
            member.pk,
            {"is_bundle": True, "bundled_offerings": [{"id": str(member.pk)}]},
            "member Member A (draft)",
        ),
    }
    client = browser("viewer")
    assert "Only with" not in text(client.get(f"{URL}/offering/")), "it is never offered"
    for parameter, (id_, fields, name) in uses.items():
        OfferingFactory(name=f"With {parameter}", **fields)
        assert listed(client, f"{parameter}={id_}") == [f"With {parameter}"]
        assert f"Only with {name}" in text(client.get(f"{URL}/offering/?{parameter}={id_}"))


def test_a_retired_offering_does_not_count_as_a_user_of_anything_and_its_list_is_of_those_that_do(
    browser, neighbours
):
    uses = {
        "pricing_id": price().aggregate_id,
        "specification_id": specification().aggregate_id,
        "category_id": CategoryFactory().pk,
        "catalog_id": CatalogFactory().pk,
    }
    of_both = {f"{name}s": [id_] for name, id_ in uses.items()}
    kept, gone = (OfferingFactory(**of_both) for _ in range(2))
    Offering.objects.filter(pk=gone.pk).update(lifecycle_status="RETIRED")
    client = browser("viewer")
    for parameter, id_ in uses.items():
        assert listed(client, f"{parameter}={id_}") == sorted([kept.name, gone.name])
        assert listed(client, f"{parameter}={id_}&lifecycle_status__exact=RETIRED") == [gone.name]
    neighbours.answers(*OFFERINGS, [{"id": str(kept.pk), "name": kept.name}], total=2)
    page = used(client, "catalog", Catalog.objects.get())
    assert neighbours.asked[-1].query["lifecycle_status"] == ["DRAFT", "PUBLISHING", "PUBLISHED"]
    (link,) = re.findall(r'href="[^"?]*\?([^"]*)">All 2<', page)
    assert listed(client, unescape(link)) == [kept.name]
    shown = text(client.get(f"{URL}/offering/?{unescape(link)}"))
    assert "Only with lifecycle status Draft, Being published, Published" in shown


def test_the_offerings_that_count_as_users_are_all_but_the_retired_ones():
    assert {"lifecycle_status": tuple(status for status in STATUSES if status != RETIRED)} == NOT_RETIRED


def test_the_list_of_categories_shows_those_below_one(browser):
    top = CategoryFactory(name="Top")
    CategoryFactory(name="Below", parent_id=top.pk)
    assert listed(browser("viewer"), f"parent_id={top.pk}", "category") == ["Below"]


@pytest.mark.parametrize("id_", ["x", "%00", "1" * 200])
def test_what_is_no_id_is_no_filter(browser, id_):
    answer = browser("viewer").get(f"{URL}/offering/?pricing_id={id_}")
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}/offering/?e=1")


def test_an_id_that_nobody_has_finds_nothing(browser):
    assert listed(browser("viewer"), f"pricing_id={uuid7()}") == []
