"""The admin, whose saves are the actions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.core import clock
from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.models import Price, PriceHold
from tests.services.pricing.factories import PriceFactory
from tests.support.admin import as_shown, meanwhile, screens

pytestmark = pytest.mark.django_db
URL = "/admin/pricing/pricing/price"
FORM = {"name": "Fibre 500", "value": "39.90", "currency": "EUR", "unit": "per month"}


def test_a_saved_form_is_the_action_as_the_person_signed_in(browser):
    response = browser("manager").post(f"{URL}/add/", FORM)
    assert response.status_code == 302, response.content.decode()[:3000]
    row = Price.objects.get()
    assert (row.value, row.price_type, row.recurring_period) == (Decimal("39.90"), "recurring", "month")
    assert OutboxEvent.objects.get().envelope["actor"] == "anna"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "39.905"}, "EUR has at most 2 decimal places."),
        ({"value": "-1"}, "Must be greater than 0."),
        ({"currency": "XAU"}, "is not one of the available choices"),
        ({"name": "Taken"}, "Another price has this name already."),
        ({"recurring_period": "fortnight"}, "is not one of the available choices"),
        ({"tax_rate": "101"}, "Must be from 0 to 100"),
        ({"recurring_period_length": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_the_action_refuses_is_said_in_the_form(browser, change, message):
    PriceFactory(name="Taken")
    response = browser("manager").post(f"{URL}/add/", {**FORM, **change})
    assert response.status_code == 200
    assert message in response.content.decode()
    assert Price.objects.count() == 1


def test_an_edit_without_a_change_makes_no_version_and_a_change_makes_one(browser):
    row = PriceFactory(name="Fibre 500", tax_rate=Decimal(19))
    page = browser("manager")
    form = {**FORM, "tax_rate": "19.0000", "value": "39.900000", "price_type": "recurring"}
    form |= {"recurring_period": "month", "recurring_period_length": "1", "version_seen": "1"}
    assert page.post(f"{URL}/{row.pk}/change/", form).status_code == 302
    assert Price.objects.get().version == 1
    assert page.post(f"{URL}/{row.pk}/change/", {**form, "value": "41"}).status_code == 302
    assert Price.objects.get().version == 2
    assert "changed this since you opened it" in page.post(f"{URL}/{row.pk}/change/", form).content.decode()


def test_what_the_second_of_two_editors_did_not_touch_is_not_his_change(browser):
    row = PriceFactory(tax_rate=Decimal("19.5"), valid_from=clock.now(), valid_to=clock.now() + timedelta(9))
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(page.get(url))
    assert opened["value"] == ["39.90"]
    assert page.post(url, {**opened, "value": "41"}).status_code == 302
    assert meanwhile(page.post(url, {**opened, "unit": "a month"})) == ["value", "unit"]
    assert page.post(url, {**opened, "unit": "a month", "version_shown": "2"}).status_code == 302
    row.refresh_from_db()
    assert (row.value, row.unit, row.tax_rate) == (Decimal(41), "a month", Decimal("19.5"))


def test_a_price_that_is_edited_is_valid_as_long_as_before_to_the_fraction_of_a_second(browser):
    until = datetime(2027, 1, 1, tzinfo=UTC) - timedelta(milliseconds=1)
    row = PriceFactory(valid_to=until, tax_rate=Decimal("19.5"))
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    assert page.post(url, as_shown(page.get(url))).status_code == 302
    assert Price.objects.get().version == 1
    assert page.post(url, {**as_shown(page.get(url)), "unit": "a month"}).status_code == 302
    row.refresh_from_db()
    assert (row.unit, row.valid_to, row.tax_rate) == ("a month", until, Decimal("19.5"))
    emptied = {"valid_to_0": "", "valid_to_1": "", "tax_rate": ""}
    assert page.post(url, {**as_shown(page.get(url)), **emptied}).status_code == 302
    row.refresh_from_db()
    assert (row.valid_to, row.tax_rate, row.recurring_period) == (None, None, "month")


def test_a_date_without_a_time_is_the_beginning_of_its_day_in_utc(browser):
    page = browser("manager")
    assert "UTC; an empty time is 00:00." in page.get(f"{URL}/add/").content.decode()
    valid = {
        "valid_from_0": "2026-12-31",
        "valid_from_1": "",
        "valid_to_0": "2027-12-31",
        "valid_to_1": "12:30",
    }
    assert page.post(f"{URL}/add/", {**FORM, **valid}).status_code == 302
    row = Price.objects.get()
    assert row.valid_from == datetime(2026, 12, 31, tzinfo=UTC)
    assert row.valid_to == datetime(2027, 12, 31, 12, 30, tzinfo=UTC)
    url = f"{URL}/{row.pk}/change/"
    opened = as_shown(page.get(url))
    assert opened["valid_from_1"] == ["00:00:00"]
    assert page.post(url, {**opened, "valid_from_1": ""}).status_code == 302
    row.refresh_from_db()
    assert row.version == 1
    assert page.post(url, {**opened, "valid_to_1": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.version, row.valid_to) == (2, datetime(2027, 12, 31, tzinfo=UTC))


def test_a_time_without_a_date_is_refused(browser):
    response = browser("manager").post(f"{URL}/add/", {**FORM, "valid_from_0": "", "valid_from_1": "12:00"})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors == {"valid_from": ["Enter a valid date."]}


def test_the_label_of_several_changes_their_period_or_is_refused(browser):
    monthly, once = PriceFactory(), PriceFactory(unit="")
    edit = {"field": "unit", "unit-value": "per year", "ids": f"{monthly.pk} {once.pk}"}
    edit |= {"apply": "1", "rows": f"{monthly.pk}:1 {once.pk}:1"}
    page = browser("manager").post(f"{URL}/bulk-edit/", edit).content.decode()
    assert "has no period" in page
    told = Price.objects.order_by("pk").values_list("unit", "price_type", "recurring_period")
    assert list(told) == [("per year", "recurring", "year"), ("", "one_time", None)]


def test_a_label_brings_along_the_period_that_nobody_touched_in_the_form(browser):
    row = PriceFactory()
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(page.get(url))
    assert (
        "Names another period"
        in page.post(url, {**opened, "unit": "per year", "recurring_period": "week"}).content.decode()
    )
    assert page.post(url, {**opened, "unit": "per year"}).status_code == 302
    row.refresh_from_db()
    assert (row.unit, row.recurring_period) == ("per year", "year")


@pytest.mark.parametrize("model", ["pricehold", "publicationfence"])
def test_holds_and_fences_can_be_looked_at_and_nothing_else(browser, model):
    prices_lock(price_ids=[PriceFactory().pk], publication_id=uuid7())
    page = browser("admin")
    url = f"/admin/pricing/pricing/{model}"
    assert page.get(f"{url}/").status_code == 200
    assert page.get(f"{url}/add/").status_code == 403
    key = PriceHold.objects.get().pk if model == "pricehold" else PriceHold.objects.get().publication_id
    assert page.get(f"{url}/{key}/change/").status_code == 200
    assert page.post(f"{url}/{key}/change/", {}).status_code == 403
    assert page.post(f"{url}/{key}/delete/", {"post": "yes"}).status_code == 403
    assert PriceHold.objects.exists()


def test_a_viewer_sees_and_does_not_change(browser):
    row = PriceFactory()
    page = browser("viewer")
    assert page.get(f"{URL}/").status_code == 200
    assert page.get(f"{URL}/{row.pk}/change/").status_code == 200
    assert page.post(f"{URL}/{row.pk}/change/", FORM).status_code == 403


def test_every_screen_of_the_navigation_is_a_page(browser):
    assert set(screens(browser("viewer")).values()) == {200}


@pytest.mark.parametrize(
    ("language", "shown"), [("en", {"39.90", "500", "0.0125"}), ("de", {"39,90", "500", "0,0125"})]
)
def test_a_list_has_each_amount_with_the_places_of_its_currency(browser, language, shown):
    PriceFactory(value=Decimal("39.9"))
    PriceFactory(value=Decimal(500), currency="JPY")
    PriceFactory(value=Decimal("0.0125"), price_type="usage", unit_of_measure="MB", unit="")
    page = browser("viewer").get(f"{URL}/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert {
        text.strip() for text in re.findall(r'class="[^"]*field-amount[^"]*"[^>]*>([^<]*)<', page)
    } == shown
