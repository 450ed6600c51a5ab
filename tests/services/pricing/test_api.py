from __future__ import annotations

import json
from decimal import Decimal

import pytest

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from catalog_services.pricing.api.serializers import PriceWriteSerializer
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory
from tests.support.hostile_tokens import HostileTokens
from tests.support.sent_back import comes_back_as_read

pytestmark = pytest.mark.django_db
URL = "/api/v1/prices"


class TestHostileTokens(HostileTokens):
    path = URL


@pytest.fixture
def manager(api):
    return api("manager")


def whole(**change):
    return {"name": "Fibre 500", "value": "39.90", "currency": "EUR", "unit": "per month", **change}


def test_the_simple_form_is_a_whole_valid_create(manager):
    response = manager.post(URL, whole())
    assert response.status_code == 201, response.json()
    body = response.json()
    assert response["Location"] == f"{URL}/{body['id']}"
    assert response["ETag"] == '"1"'
    assert (body["value"], body["currency"]) == ("39.90", "EUR")
    assert (body["price_type"], body["recurring_period"], body["recurring_period_length"]) == (
        "recurring",
        "month",
        1,
    )
    assert body["locked"] is False
    assert manager.get(response["Location"]).json() == body


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"unit": ""}, "one_time"),
        ({"unit": "per GB", "unit_of_measure": "GB", "value": "0.000123"}, "usage"),
        ({"unit": "each quarter", "recurring_period": "quarter", "recurring_period_length": 2}, "recurring"),
        ({"unit": "per month", "price_type": "one_time"}, "one_time"),
    ],
)
def test_a_price_says_what_it_is_charged_for(manager, given, kind):
    response = manager.post(URL, whole(**given))
    assert response.status_code == 201, response.json()
    assert response.json()["price_type"] == kind


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "0"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": "-0.00"}, "value"),
        ({"value": "39.905"}, "value"),
        ({"value": "0.5", "currency": "JPY"}, "value"),
        ({"value": "0.1234", "currency": "KWD"}, "value"),
        ({"value": "0.1234567", "unit": "", "unit_of_measure": "GB"}, "value"),
        ({"value": "1e2"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "Infinity"}, "value"),
        ({"value": "1" * 13}, "value"),
        ({"value": "9" * 5000}, "value"),
        ({"value": 10**400}, "value"),
        ({"value": "٣٩"}, "value"),
        ({"value": "1_000"}, "value"),
        ({"value": "1,50"}, "value"),
        ({"value": ""}, "value"),
        ({"value": None}, "value"),
        ({"value": True}, "value"),
        ({"value": ["1"]}, "value"),
        ({"currency": "XAU"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"currency": {"code": "EUR"}}, "currency"),
        ({"price_type": "weekly"}, "price_type"),
        ({"unit": "", "price_type": "recurring"}, "recurring_period"),
        ({"recurring_period_length": 0}, "recurring_period_length"),
        ({"recurring_period_length": 1000}, "recurring_period_length"),
        ({"recurring_period_length": 10**30}, "recurring_period_length"),
        ({"price_type": "one_time", "recurring_period": "month"}, "recurring_period"),
        ({"price_type": "usage"}, "unit_of_measure"),
        ({"price_type": "usage", "unit_of_measure": "None"}, "unit_of_measure"),
        ({"unit_of_measure": "GB", "price_type": "recurring"}, "unit_of_measure"),
        ({"tax_rate": "100.01"}, "tax_rate"),
        ({"tax_rate": "-1"}, "tax_rate"),
        ({"tax_rate": "8.12345"}, "tax_rate"),
        ({"tax_included": "perhaps"}, "tax_included"),
        ({"valid_from": "2026-12-01T00:00:00Z", "valid_to": "2026-12-01T00:00:00Z"}, "valid_to"),
        ({"valid_from": "0001-01-01T00:00:00+14:00"}, "valid_from"),
        ({"valid_to": "tomorrow"}, "valid_to"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"locked": True}, "locked"),
        ({"external_id": ""}, "external_id"),
    ],
)
def test_bad_input_is_refused_at_its_field(manager, change, field):
    response = manager.post(URL, whole(**change))
    assert response.status_code == 400, response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert field in response.json()["errors"]


@pytest.mark.parametrize(
    ("written", "status"), [("39.9", 400), ("39.0", 400), ("4e1", 400), ("39", 201), ("-0", 400)]
)
def test_a_json_number_counts_only_when_it_is_whole(manager, written, status):
    body = json.dumps(whole(value="@")).replace('"@"', written)
    response = manager.generic("POST", URL, body, content_type="application/json")
    assert response.status_code == status, response.json()
    if status == 201:
        assert response.json()["value"] == "39.00"
    else:
        assert "value" in response.json()["errors"]


def test_a_fraction_as_a_json_number_is_told_how_to_be_sent(manager):
    assert 'such as "19.99"' in manager.post(URL, whole(value=39.9)).json()["errors"]["value"][0]


def test_a_name_or_external_id_already_taken_is_a_conflict_that_names_the_holder(manager):
    first = PriceFactory(name="Fibre 500", external_id="p-1")
    for change in ({}, {"name": "Other", "external_id": "p-1"}):
        response = manager.post(URL, whole(**change))
        assert response.status_code == 409
        assert response.json()["existing_id"] == str(first.pk)


def test_the_second_of_two_editors_is_refused(manager):
    url = f"{URL}/{PriceFactory().pk}"
    assert manager.patch(url, {"value": "41.00"}, HTTP_IF_MATCH='"1"').status_code == 200
    response = manager.patch(url, {"value": "42.00"}, HTTP_IF_MATCH='"1"')
    assert (response.status_code, response.json()["current_version"]) == (412, 2)
    assert manager.get(url).json()["value"] == "41.00"


def test_what_changes_nothing_makes_no_version_and_no_event(manager):
    url = f"{URL}/{PriceFactory(tax_rate=Decimal(19)).pk}"
    for same in ({"value": "39.9"}, {"value": "39.900"}, {"tax_rate": 19}, {"unit": " per month "}, {}):
        response = manager.patch(url, same)
        assert (response.status_code, response["ETag"]) == (200, '"1"'), response.json()
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"tax_rate": Decimal("19.00"), "external_id": "p-1"},
        {"unit": "", "price_type": "usage", "unit_of_measure": "MB", "value": Decimal("0.0125")},
        {"unit": "", "recurring_period": "month", "recurring_period_length": 3},
    ],
)
def test_what_is_read_may_be_sent_back(manager, fields):
    comes_back_as_read(manager, f"{URL}/{PriceFactory(**fields).pk}")


def test_put_replaces_and_patch_changes(manager):
    url = f"{URL}/{PriceFactory(tax_rate=Decimal(19)).pk}"
    assert manager.patch(url, {"value": "5"}).json()["tax_rate"] == "19"
    body = manager.put(url, {"name": "One fee", "value": "5", "currency": "JPY"}).json()
    assert (body["tax_rate"], body["price_type"], body["recurring_period"], body["value"]) == (
        None,
        "one_time",
        None,
        "5",
    )


def test_a_patch_may_be_a_json_merge_patch_and_null_removes(manager):
    url = f"{URL}/{PriceFactory(tax_rate=Decimal(19), external_id='crm-7').pk}"
    merge = "application/merge-patch+json"
    response = manager.patch(url, '{"value": "5", "tax_rate": null}', content_type=merge)
    assert response.status_code == 200, response.json()
    body = response.json()
    assert (body["value"], body["tax_rate"], body["external_id"]) == ("5.00", None, "crm-7")
    assert manager.patch(url, '{"value": NaN}', content_type=merge).status_code == 400
    assert manager.put(url, json.dumps(whole()), content_type=merge).status_code == 415
    assert manager.post(URL, json.dumps(whole()), content_type=merge).status_code == 415


def charging(body):
    return body["price_type"], body["recurring_period"], body["recurring_period_length"]


@pytest.mark.parametrize(
    ("change", "charged"),
    [
        ({"unit": "per year"}, ("recurring", "year", 1)),
        ({"unit": "per year", "recurring_period_length": 2}, ("recurring", "year", 2)),
        ({"unit": "per year", "recurring_period": "year"}, ("recurring", "year", 3)),
        ({"unit": "each year"}, ("recurring", "month", 3)),
        ({"unit": "Per Month"}, ("recurring", "month", 3)),
    ],
)
def test_a_label_that_names_another_period_changes_it(manager, change, charged):
    url = f"{URL}/{PriceFactory(recurring_period_length=3).pk}"
    response = manager.patch(url, change)
    assert response.status_code == 200, response.json()
    assert charging(response.json()) == charged


@pytest.mark.parametrize(
    ("made", "change"),
    [
        ({}, {"unit": "per year", "recurring_period": "month"}),
        ({}, {"recurring_period": "year"}),
        ({"unit": ""}, {"unit": "per month"}),
        ({"unit": ""}, {"unit": "per month", "price_type": "one_time"}),
    ],
)
def test_a_label_that_says_otherwise_than_the_charging_is_refused(manager, made, change):
    url = f"{URL}/{PriceFactory(**made).pk}"
    response = manager.patch(url, change)
    assert response.status_code == 400, response.json()
    assert set(response.json()["errors"]) == {"unit"}


@pytest.mark.parametrize(
    "parted",
    [
        {"recurring_period": "year"},
        {"price_type": "one_time", "recurring_period": None, "recurring_period_length": None},
    ],
)
def test_a_label_that_parted_from_the_charging_before_can_stay(manager, parted):
    url = f"{URL}/{PriceFactory().pk}"
    Price.objects.update(**parted)
    shown = manager.get(url).json()
    assert manager.patch(url, {"value": "41"}).status_code == 200
    body = {name: shown[name] for name in PriceWriteSerializer().fields}
    response = manager.put(url, {**body, "value": "42"})
    assert response.status_code == 200, response.json()
    assert charging(response.json()) == charging(shown)


def test_another_currency_checks_the_amount_anew(manager):
    url = f"{URL}/{PriceFactory().pk}"
    response = manager.patch(url, {"currency": "JPY"})
    assert response.status_code == 400
    assert "value" in response.json()["errors"]


def test_lists_filter_and_refuse_what_they_do_not_know(manager):
    PriceFactory(name="Yen", currency="JPY", value=Decimal(500))
    PriceFactory(name="Fee", unit="", external_id="fee-1")
    assert [r["name"] for r in manager.get(URL, {"currency": "JPY"}).json()] == ["Yen"]
    both = ",".join(str(row.pk) for row in Price.objects.all())
    assert len(manager.get(URL, {"id": both}).json()) == 2
    assert [r["name"] for r in manager.get(URL, {"external_id": "fee-1"}).json()] == ["Fee"]
    assert [r["name"] for r in manager.get(URL, {"price_type": "one_time"}).json()] == ["Fee"]
    assert [r["name"] for r in manager.get(URL, {"ordering": "-value"}).json()] == ["Yen", "Fee"]
    assert manager.get(URL, {"locked": "true"}).json() == []
    for wrong in ({"locked": "perhaps"}, {"currency": "XAU"}, {"price_type": "x"}, {"colour": "red"}):
        response = manager.get(URL, wrong)
        assert response.status_code == 400
        assert set(response.json()["errors"]) == set(wrong)


def test_what_is_one_of_a_few_may_be_repeated_and_anything_else_is_named_as_given_twice(manager):
    PriceFactory(name="Euro")
    PriceFactory(name="Dollar", currency="USD", unit="")
    PriceFactory(name="Yen", currency="JPY", value=Decimal(500))
    asked = f"{URL}?currency=EUR&currency=USD"
    assert [r["name"] for r in manager.get(f"{asked}&ordering=name").json()] == ["Dollar", "Euro"]
    assert [r["name"] for r in manager.get(f"{asked}&price_type=usage&price_type=one_time").json()] == [
        "Dollar"
    ]
    for name, values in {"name": ("Euro", "Yen"), "limit": ("1", "2"), "search": ("euro", "yen")}.items():
        response = manager.get(URL, {name: values})
        assert response.status_code == 400
        assert response.json()["errors"] == {name: ["Given more than once."]}


def test_a_search_finds_words_and_what_is_pasted(manager):
    row = PriceFactory(name="Fee", external_id="crm-7")
    PriceFactory(name="Another fee, for crm-7")
    assert {r["name"] for r in manager.get(URL, {"search": "fee"}).json()} == {
        "Fee",
        "Another fee, for crm-7",
    }
    for pasted in (str(row.pk), "crm-7", " crm-7 "):
        assert [r["name"] for r in manager.get(URL, {"search": pasted}).json()] == ["Fee"]
    assert [r["name"] for r in manager.get(URL, {"search": "for crm"}).json()] == ["Another fee, for crm-7"]
    assert manager.get(URL, {"search": str(uuid7())}).json() == []


@pytest.mark.parametrize("name", ["search", "name", "external_id"])
def test_what_no_column_can_hold_is_refused_by_the_name_of_its_parameter(manager, name):
    response = manager.get(URL, {name: "crm-7\0"})
    assert response.status_code == 400
    assert response.json()["errors"] == {name: ["Null characters are not allowed."]}


def test_roles_a_viewer_reads_and_a_service_does_not_write(api):
    row = PriceFactory()
    assert api("viewer").get(f"{URL}/{row.pk}").status_code == 200
    for role in ("viewer", "service"):
        assert api(role).post(URL, whole()).status_code == 403
        assert api(role).patch(f"{URL}/{row.pk}", {"value": "1"}).status_code == 403
        assert api(role).delete(f"{URL}/{row.pk}").status_code == 403
    assert api(None).get(URL).status_code == 401


def test_options_says_what_may_be_done_and_describes_nothing(manager):
    response = manager.options(URL)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
