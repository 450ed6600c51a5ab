"""A price that a publication holds says so, and names what is published, by whom and since when."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.core.ids import uuid7
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/pricing/pricing/price/"
FORM = {"name": "Fee", "value": "1", "currency": "EUR", "unit": "per month"}
OFFERING = "/admin/offering/offering/offering/o1/change/"
LINK = f'href="{OFFERING}">Fibre &lt;500&gt;</a>'
UNKNOWN = "by which one cannot be asked just now"


@pytest.fixture
def publication(neighbours) -> str:
    """The id of a publication that the offering service knows."""
    id_ = str(uuid7())
    told = {"offering_id": "o1", "requested_by": "bruno", "created_at": "2026-11-25T10:00:00Z"}
    neighbours.answers("offering", f"/api/v1/publications/{id_}", told)
    neighbours.answers("offering", "/api/v1/offerings/o1", {"id": "o1", "name": "Fibre <500>"})
    neighbours.answers("offering", "/api/v1/offerings", [])
    return id_


@pytest.fixture
def row(publication: str) -> Price:
    made = PriceFactory(name="Fee")
    prices_lock(price_ids=[made.pk], publication_id=publication)
    return made


def text(response) -> str:
    return response.content.decode()


def test_its_form_names_the_offering_who_publishes_it_and_since_when(browser, row, publication):
    page = text(browser("viewer").get(f"{LIST}{row.pk}/change/"))
    assert "Locked since 2026-11-25 10:00 UTC, because bruno is publishing this:" in page
    assert LINK in page
    assert publication not in page


def test_its_form_is_there_though_nobody_can_be_asked(browser, row, publication, neighbours):
    neighbours.down("offering")
    page = text(browser("viewer").get(f"{LIST}{row.pk}/change/"))
    assert "by a publication: no change and no deletion until it has ended." in page
    assert f"/admin/offering/offering/publication/{publication}/change/" in page


def refusals(client, row) -> dict[str, str]:
    """What is said in each place where the price is refused a change or its deletion."""
    chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)]}
    return {
        "save": text(client.post(f"{LIST}{row.pk}/change/", FORM)).partition("errornote")[2],
        "delete": text(client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}, follow=True)),
        "ask before": text(client.get(f"{LIST}{row.pk}/delete/")),
        "ask before several": text(client.post(LIST, chosen)),
        "delete several": text(client.post(LIST, {**chosen, "post": "yes"}, follow=True)),
        "edit several": text(
            client.post(
                f"{LIST}bulk-edit/", {"ids": str(row.pk), "field": "unit", "unit-value": "once"}, follow=True
            )
        ),
    }


def test_every_refusal_names_the_offering(browser, row, publication):
    for place, page in refusals(browser("manager"), row).items():
        assert "It is locked while this is being published:" in page, place
        assert f"{LINK} (bruno, since 2026-11-25 10:00 UTC)" in page, place
        assert publication not in page.partition("<main")[2], place
    assert Price.objects.get().value == Decimal("39.90")


def test_every_refusal_is_said_though_nobody_can_be_asked(browser, row, neighbours):
    neighbours.down("offering")
    for place, page in refusals(browser("manager"), row).items():
        assert UNKNOWN in page, place
    assert Price.objects.get().value == Decimal("39.90")


def test_a_locked_price_offers_no_yes_and_is_not_said_to_be_deletable(browser, row):
    client = browser("manager")
    assert "Yes, I’m sure" not in text(client.get(f"{LIST}{row.pk}/delete/"))
    page = text(client.get(f"{LIST}{row.pk}/where-used/"))
    assert "Nowhere." in page
    assert "it can be deleted" not in page


def test_one_publication_is_asked_about_once_a_page(browser, row, publication, neighbours):
    second = PriceFactory(name="Other fee")
    prices_lock(price_ids=[second.pk], publication_id=publication)
    chosen = {"action": "delete_selected", "_selected_action": [str(row.pk), str(second.pk)], "post": "yes"}
    assert text(browser("manager").post(LIST, chosen, follow=True)).count(LINK) == 2
    assert len([one for one in neighbours.asked if publication in one.path]) == 1
