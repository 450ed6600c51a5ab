"""The admin, whose saves are the actions."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from apps.outbox.models import OutboxEvent
from catalog_services.characteristic.domain.characteristic import MAX_VALUES
from catalog_services.characteristic.models import Characteristic
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.admin import as_shown, rows, screens

pytestmark = pytest.mark.django_db
URL = "/admin/characteristic/characteristic/characteristic"
FORM = {
    "name": "Speed",
    "value_type": "number",
    "unit_of_measure": "Mbps",
    **rows("values", [{"value": "100"}]),
}


def test_who_is_not_signed_in_is_sent_to_the_one_sign_in(client):
    response = client.get(f"{URL}/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/?next=")


def test_a_saved_form_is_the_action_as_the_person_signed_in(browser):
    response = browser("manager").post(f"{URL}/add/", FORM)
    assert response.status_code == 302, response.content.decode()[:3000]
    row = Characteristic.objects.get()
    assert row.values == [{"value": "100", "is_default": False}]
    assert OutboxEvent.objects.get().envelope["actor"] == "anna"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rows("values", [{"value": "fast"}]), "Not a number: fast."),
        ({"values-0-value": "", "values-0-is_default": "on"}, "This field is required."),
        ({"values-TOTAL_FORMS": "many"}, "Correct the marked rows."),
        ({"name": "Taken"}, "Another characteristic has this name already."),
        ({"unit_of_measure": "Parsec"}, "is not one of the available choices"),
    ],
)
def test_what_the_action_refuses_is_said_in_the_form_and_nothing_typed_is_lost(browser, change, message):
    CharacteristicFactory(name="Taken")
    response = browser("manager").post(f"{URL}/add/", {**FORM, "description": "typed", **change})
    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert "typed" in page
    assert Characteristic.objects.count() == 1


def test_as_many_values_as_the_domain_allows_come_and_go_through_the_form(browser):
    values = [{"value": str(number), "is_default": number == 7} for number in range(MAX_VALUES)]
    page = browser("manager")
    made = page.post(f"{URL}/add/", {**FORM, **rows("values", values)})
    assert made.status_code == 302, made.content.decode()[:3000]
    row = Characteristic.objects.get()
    assert row.values == values
    opened = as_shown(page.get(f"{URL}/{row.pk}/change/"))
    assert page.post(f"{URL}/{row.pk}/change/", {**opened, "description": "all"}).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.values) == ("all", values)


def test_what_fits_the_unit_is_found_for_a_row_that_is_there(browser):
    row = CharacteristicFactory(unit_of_measure="None", value_type="string")
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    typed = {"unit_of_measure": "Mbps", "value_type": ""}
    saved = page.post(url, {**as_shown(page.get(url)), **typed})
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    row.refresh_from_db()
    assert (row.unit_of_measure, row.value_type) == ("Mbps", "number")
    truth = CharacteristicFactory(unit_of_measure="None", value_type="boolean", values=[])
    url = f"{URL}/{truth.pk}/change/"
    assert page.post(url, {**as_shown(page.get(url)), "value_type": ""}).status_code == 302
    truth.refresh_from_db()
    assert truth.value_type == "string"


@pytest.mark.parametrize("ends", ["\n", "\r", "\r\n"])
def test_a_form_that_nobody_touched_changes_nothing_that_it_cannot_show_as_it_is(browser, ends):
    text = f" two{ends}lines"
    values = [{"value": f"two{ends}lines", "is_default": True}, {"value": "one", "is_default": False}]
    row = CharacteristicFactory(unit_of_measure="None", description=text, values=values)
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(page.get(url))
    assert page.post(url, opened).status_code == 302
    row.refresh_from_db()
    assert (row.version, OutboxEvent.objects.count()) == (1, 1)
    assert page.post(url, {**opened, "values-1-value": "1", "name": "Lines"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.description) == ("Lines", text)
    assert [value["value"] for value in row.values] == [f"two{ends}lines", "1"]


def test_what_is_typed_is_kept_without_the_carriage_returns_of_the_browser(browser):
    page = browser("manager")
    made = page.post(f"{URL}/add/", {**FORM, "description": "two\r\nlines"})
    assert made.status_code == 302, made.content.decode()[:3000]
    row = Characteristic.objects.get()
    assert row.description == "two\nlines"
    url = f"{URL}/{row.pk}/change/"
    assert (
        page.post(url, {**as_shown(page.get(url)), "description": "of\r\nthree\r\nlines"}).status_code == 302
    )
    row.refresh_from_db()
    assert row.description == "of\nthree\nlines"


def test_what_is_emptied_is_empty(browser):
    row = CharacteristicFactory(description="old", external_id="crm-1")
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = {name: sent for name, sent in as_shown(page.get(url)).items() if not name.startswith("values-")}
    empty = {"description": "", "external_id": "", **rows("values", [])}
    assert page.post(url, {**opened, **empty}).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.external_id, row.values) == ("", None, [])


@pytest.mark.parametrize("text", ["x" * 1_048_576, "<script>" * 100_000, "ü" * 500_000])
def test_a_text_that_is_far_too_long_is_an_error_at_its_field_and_is_kept(browser, text):
    posted = urlencode({**FORM, "description": text})
    answer = browser("manager").post(f"{URL}/add/", posted, "application/x-www-form-urlencoded")
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    assert form.errors == {"description": ["Ensure this field has no more than 10000 characters."]}
    assert form["description"].value() == text
    assert "<script><script>" not in answer.content.decode()
    assert not Characteristic.objects.exists()


def test_a_deletion_that_is_refused_says_why(browser, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [{"id": "s", "name": "Fibre line"}])
    row = CharacteristicFactory()
    response = browser("manager").post(f"{URL}/{row.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Fibre line" in response.content.decode()
    assert Characteristic.objects.exists()


def test_a_viewer_sees_and_does_not_change(browser):
    row = CharacteristicFactory()
    page = browser("viewer")
    assert page.get(f"{URL}/{row.pk}/change/").status_code == 200
    assert page.post(f"{URL}/{row.pk}/change/", FORM).status_code == 403
    assert page.get(f"{URL}/add/").status_code == 403


def test_two_rows_without_an_external_id_can_be_made(browser):
    page = browser("manager")
    for name in ("a", "b"):
        assert page.post(f"{URL}/add/", {**FORM, "name": name, "external_id": ""}).status_code == 302


def test_what_is_not_there_yet_shows_no_id_and_no_version(browser):
    row = CharacteristicFactory()
    page = browser("manager")
    assert "field-version" not in page.get(f"{URL}/add/").content.decode()
    assert "field-version" in page.get(f"{URL}/{row.pk}/change/").content.decode()


def test_every_screen_of_the_navigation_is_a_page(browser):
    assert set(screens(browser("viewer")).values()) == {200}
