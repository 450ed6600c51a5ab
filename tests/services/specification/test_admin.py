"""The admin, whose saves are the actions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.outbox.models import OutboxEvent
from catalog_services.specification.admin import ChoiceRow
from catalog_services.specification.domain.choice import MAX_VALUES
from catalog_services.specification.domain.specification import MAX_CHARACTERISTICS
from catalog_services.specification.models import Specification
from tests.services.specification.factories import SpecificationFactory, characteristic, heard, tell
from tests.support.admin import as_shown, meanwhile, rows, screens

pytestmark = pytest.mark.django_db
URL = "/admin/specification/specification/specification"


def form(choices: list[dict[str, Any]], **change: str) -> dict[str, Any]:
    usual = {"configurable": True, "min_cardinality": "0", "max_cardinality": "1"}
    return {
        "name": "Fibre",
        "brand": "Acme",
        **rows("characteristics", [{**usual, **choice} for choice in choices]),
        **change,
    }


def test_a_saved_form_is_the_action_as_the_person_signed_in(browser):
    speed = heard("100", "500")
    response = browser("manager").post(f"{URL}/add/", form([{"id": speed["id"], "values": ["500"]}]))
    assert response.status_code == 302, response.content.decode()[:3000]
    (choice,) = Specification.objects.get().characteristics
    assert (choice["id"], choice["values"], choice["configurable"]) == (speed["id"], ["500"], True)
    assert OutboxEvent.objects.get().envelope["actor"] == "anna"


def test_as_many_characteristics_as_the_domain_allows_come_and_go_through_the_form(browser):
    texts = [str(number) for number in range(20)]
    speeds = [heard(*texts)["id"] for _ in range(MAX_CHARACTERISTICS)]
    page = browser("manager")
    made = page.post(f"{URL}/add/", form([{"id": id_, "values": texts} for id_ in speeds]))
    assert made.status_code == 302, made.content.decode()[:3000]
    row = Specification.objects.get()
    assert [choice["id"] for choice in row.characteristics] == speeds
    url = f"{URL}/{row.pk}/change/"
    opened = as_shown(page.get(url))
    assert page.post(url, {**opened, "description": ["all"]}).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.characteristics[-1]["values"]) == ("all", texts)


def test_a_form_may_have_a_field_for_all_that_the_domain_allows(settings):
    in_a_row = len(ChoiceRow.base_fields) + len(("ORDER", "DELETE"))
    assert MAX_CHARACTERISTICS * (MAX_VALUES + in_a_row) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ([{"id": "@", "values": ["7"]}], "does not allow 7"),
        ([{"values": ["100"]}], "This field is required."),
        ([{"id": "nobody"}], "Choose from what is offered."),
        ([{"id": "@", "min_cardinality": "2"}], "is above max_cardinality"),
        ([{"id": "@"}, {"id": "@"}], "Given more than once"),
    ],
)
def test_what_the_action_refuses_is_said_in_the_form(browser, neighbours, choices, message):
    speed = heard("100", "500")
    neighbours.answers("characteristic", f"/api/v1/characteristics/{speed['id']}", speed)
    given = json.loads(json.dumps(choices).replace("@", speed["id"]))
    response = browser("manager").post(f"{URL}/add/", form(given, description="typed"))
    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert "typed" in page
    assert not Specification.objects.exists()


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(browser):
    row = SpecificationFactory(name="Fibre")
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    first = form(row.characteristics, version_seen="1")
    assert page.post(url, {**first, "brand": "first"}).status_code == 302
    response = page.post(url, {**first, "brand": "second"})
    assert "anna changed this since you opened it." in response.content.decode()
    assert meanwhile(response) == ["brand"], "what nobody touched is nobody's change"
    assert Specification.objects.get().brand == "first"


def test_a_form_that_nobody_touched_saves_what_was_there(browser):
    row = SpecificationFactory()
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    saved = page.post(url, as_shown(page.get(url)))
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    assert Specification.objects.get().version == 1


def opened(browser, row) -> tuple[Any, str, dict[str, list[str]]]:
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    return page, url, as_shown(page.get(url))


def form_row(id_: str) -> dict[str, Any]:
    return {"id": id_, "default": "", "configurable": True, "min_cardinality": "0", "max_cardinality": "1"}


def as_typed(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows as they come back with a change; no default is an empty input."""
    return rows("characteristics", [{**choice, "default": choice["default"] or ""} for choice in choices])


@pytest.mark.parametrize(
    "decided",
    [
        {"values": ["100", "500"], "default": None},
        {"values": [], "default": None},
        {"values": [], "default": "100"},
        {"values": ["500"], "default": "500"},
    ],
)
def test_what_a_characteristic_has_now_is_not_what_was_decided_of_it_before(browser, decided):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristics=[{"id": speed["id"], **decided}])
    before = row.characteristics
    tell(characteristic("100", "500", "900", default="500", id=speed["id"], version=2), "Updated")
    page, url, shown = opened(browser, row)
    assert page.post(url, {**shown, "description": "typo"}).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.characteristics) == ("typo", before)
    page, url, shown = opened(browser, row)
    other = heard("7")
    more = as_typed([{**before[0], "min_cardinality": "1"}, form_row(other["id"])])
    assert page.post(url, {**shown, **more}).status_code == 302
    row.refresh_from_db()
    assert row.characteristics[0] == {**before[0], "min_cardinality": 1}, (
        "what was not touched of a row that was"
    )
    assert row.characteristics[1]["values"] == ["7"], "a new one has the characteristic's own"


def test_what_was_emptied_is_the_characteristics_own(browser):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristics=[{"id": speed["id"], "values": ["500"], "default": "500"}])
    page, url, shown = opened(browser, row)
    del shown["characteristics-0-values"]
    assert page.post(url, {**shown, "characteristics-0-default": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.characteristics[0]["values"], row.characteristics[0]["default"]) == (["100", "500"], "100")


def test_a_specification_whose_characteristic_lost_a_value_can_get_a_new_description(browser, neighbours):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    lost = characteristic("100", id=speed["id"], version=2)
    tell(lost, "Updated")
    neighbours.answers("characteristic", f"/api/v1/characteristics/{speed['id']}", lost)
    page, url, shown = opened(browser, row)
    saved = page.post(url, {**shown, "description": "typo"})
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    row.refresh_from_db()
    assert (row.description, row.characteristics[0]["values"]) == ("typo", ["100", "500"])


def test_a_deletion_that_is_refused_says_why(browser, neighbours):
    neighbours.answers("offering", "/api/v1/offerings", [{"id": "o", "name": "Fibre 500"}])
    row = SpecificationFactory()
    response = browser("admin").post(f"{URL}/{row.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Fibre 500" in response.content.decode()
    assert Specification.objects.exists()


def test_a_viewer_sees_and_does_not_change(browser):
    row = SpecificationFactory()
    page = browser("viewer")
    assert page.get(f"{URL}/{row.pk}/change/").status_code == 200
    assert page.post(f"{URL}/{row.pk}/change/", form([])).status_code == 403


def test_every_screen_of_the_navigation_is_a_page(browser):
    assert set(screens(browser("viewer")).values()) == {200}
