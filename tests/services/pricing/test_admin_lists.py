"""Lists of prices, searched and edited several at once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.admin.templatetags.admin_list import result_headers
from django.utils.text import capfirst

from apps.core.ids import uuid7
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.models import Price, PriceHold
from tests.services.pricing.factories import PriceFactory
from tests.support.admin import plan_of_a_search
from tests.support.bulk import choose, look, press, table

pytestmark = pytest.mark.django_db
URL = "/admin/pricing/pricing/price/"


def test_a_price_that_a_publication_holds_is_refused_and_the_others_change(browser):
    free, held = PriceFactory(name="Free"), PriceFactory(name="Held")
    prices_lock(price_ids=[held.pk], publication_id=uuid7())
    client = browser("manager")
    page = look(client, choose(client, URL, [free, held]), "tax_rate", value="19")
    assert table(page, "changed") == [["Free", "-", "19"]]
    assert [name for name, _reason in table(page, "refused")] == ["Held"]
    press(client, page, "Change these 1")
    assert dict(Price.objects.values_list("name", "tax_rate")) == {"Free": Decimal(19), "Held": None}


def test_a_date_is_set_without_a_time_and_cleared(browser):
    row = PriceFactory()
    client = browser("manager")
    value = {"value_0": "2027-01-01", "value_1": ""}
    press(client, look(client, choose(client, URL, [row]), "valid_to", **value), "Change these 1")
    row.refresh_from_db()
    assert row.valid_to.isoformat() == "2027-01-01T00:00:00+00:00"
    cleared = {"value_0": "", "value_1": ""}
    press(client, look(client, choose(client, URL, [row]), "valid_to", **cleared), "Change these 1")
    row.refresh_from_db()
    assert row.valid_to is None


def test_a_currency_without_such_places_is_refused(browser):
    row = PriceFactory(name="Cents", value=Decimal("39.90"))
    client = browser("manager")
    page = look(client, choose(client, URL, [row]), "currency", value="JPY")
    assert [name for name, _reason in table(page, "refused")] == ["Cents"]


@pytest.mark.parametrize(("typed", "found"), [("eur", 2), ("USD", 1), ("GBP", 0)])
def test_a_currency_is_typed_into_the_filter(browser, typed, found):
    for currency in ("EUR", "EUR", "USD"):
        PriceFactory(currency=currency)
    page = browser("viewer").get(URL, {"currency": typed}).content.decode()
    assert page.count('class="data-row') == found


def test_a_list_calls_what_the_form_has_by_the_forms_names(browser):
    PriceFactory()
    client = browser("manager")
    form = client.get(f"{URL}add/").context["adminform"].form
    columns = {capfirst(header["text"]) for header in result_headers(client.get(URL).context["cl"])}
    for name in ("name", "value", "currency", "unit", "price_type"):
        assert str(form.fields[name].label) in columns


def test_a_search_has_its_index():
    assert "price_search" in plan_of_a_search(Price, "bre 5")


def test_a_hold_is_found_by_its_publication(browser):
    publication_id = uuid7()
    prices_lock(price_ids=[PriceFactory().pk], publication_id=publication_id)
    prices_lock(price_ids=[PriceFactory().pk], publication_id=uuid7())
    page = browser("viewer").get("/admin/pricing/pricing/pricehold/", {"q": str(publication_id)})
    assert page.content.decode().count('class="data-row') == 1
    assert PriceHold.objects.count() == 2


def test_a_preview_has_numbers_as_the_language_writes_them(browser):
    client = browser("manager")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    price = PriceFactory(name="Free", tax_rate=Decimal(19))
    page = look(client, choose(client, URL, [price]), "tax_rate", value="7.5")
    assert table(page, "changed") == [["Free", "19", "7,5"]]
