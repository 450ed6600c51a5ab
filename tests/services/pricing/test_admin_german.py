"""Amounts in German: what is typed is what is meant, or it is refused; 12,50 never becomes 1250."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db
URL = "/admin/pricing/pricing/price"
FORM = {"name": "Glasfaser 500", "currency": "EUR", "unit": "per month"}
GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [("12,50", "de", "12.50"), ("12", "de", "12"), (" 0,5 ", "de", "0.5"), ("12.50", "en", "12.50")],
)
def test_an_amount_is_typed_as_the_language_writes_it(browser, typed, language, meant):
    answer = browser("manager").post(f"{URL}/add/", {**FORM, "value": typed}, HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert Price.objects.get().value == Decimal(meant)


@pytest.mark.parametrize(
    ("typed", "language", "example"),
    [
        ("12.50", "de", "1250,50"),
        ("1.250", "de", "1250,50"),
        ("1.250,00", "de", "1250,50"),
        ("12,50", "en", "1250.50"),
        ("1,250", "en", "1250.50"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused_and_kept_as_typed(browser, typed, language, example):
    answer = browser("manager").post(f"{URL}/add/", {**FORM, "value": typed}, HTTP_ACCEPT_LANGUAGE=language)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert example in page
    assert f'value="{typed}"' in page
    assert not Price.objects.exists()


def test_what_is_shown_can_be_saved_as_it_is(browser):
    row = PriceFactory(name="Glasfaser 500", value=Decimal("39.9"), unit="", price_type="one_time")
    client = browser("manager")
    page = client.get(f"{URL}/{row.pk}/change/", **GERMAN).content.decode()
    assert 'value="39,90"' in page
    form = {"name": row.name, "currency": row.currency, "value": "39,90", "price_type": "one_time"}
    answer = client.post(f"{URL}/{row.pk}/change/", {**form, "version_seen": "1"}, **GERMAN)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    row.refresh_from_db()
    assert (row.value, row.version) == (Decimal("39.9"), 1)


def test_amounts_and_times_of_a_list_are_written_as_the_language_writes_them(browser):
    PriceFactory(value=Decimal("1250.5"))
    page = browser("viewer").get(f"{URL}/", **GERMAN).content.decode()
    assert "1250,5" in page
    assert "1250.5" not in page


def test_a_refusal_is_german_at_its_field(browser):
    answer = browser("manager").post(f"{URL}/add/", {**FORM, "value": "12,505"}, **GERMAN)
    assert "EUR hat höchstens 2 Nachkommastellen." in answer.content.decode()
