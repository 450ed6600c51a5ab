"""Where a row is used, told while it is looked at."""

from __future__ import annotations

import pytest

from tests.services.characteristic.factories import CharacteristicFactory

pytestmark = pytest.mark.django_db
URL = "/admin/characteristic/characteristic/characteristic"
SPECIFICATIONS = "/admin/specification/specification/specification/"
CAN = "it can be deleted"


def used(client, row) -> str:
    return client.get(f"{URL}/{row.pk}/where-used/").content.decode()


def test_the_form_asks_and_shows_who_uses_it_and_how_many_there_are(browser, neighbours):
    row, client = CharacteristicFactory(), browser("viewer")
    assert 'hx-get="../where-used/"' in client.get(f"{URL}/{row.pk}/change/").content.decode()
    neighbours.answers(
        "specification", "/api/v1/specifications", [{"id": "s1", "name": "Fibre <b>"}], total=12
    )
    shown = used(client, row)
    assert f'href="{SPECIFICATIONS}s1/change/">Fibre &lt;b&gt;</a>' in shown
    assert "(12)" in shown
    assert f'href="{SPECIFICATIONS}?characteristic_id={row.pk}">All 12</a>' in shown
    (asked,) = neighbours.asked
    assert asked.query["characteristic_id"] == [str(row.pk)]


def test_where_all_are_listed_no_other_list_is_linked(browser, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [{"id": "s1", "name": "Fibre"}])
    assert "?characteristic_id=" not in used(browser("viewer"), CharacteristicFactory())


def test_what_nobody_uses_can_be_deleted_by_who_may_and_a_silent_service_is_said(browser, neighbours):
    row = CharacteristicFactory()
    neighbours.answers("specification", "/api/v1/specifications", [])
    shown = used(browser("manager"), row)
    assert "Nowhere." in shown
    assert CAN in shown
    shown = used(browser("viewer"), row)
    assert "Nowhere." in shown
    assert CAN not in shown
    neighbours.down("specification")
    shown = used(browser("manager"), row)
    assert "Cannot be asked just now." in shown
    assert CAN not in shown


def test_what_is_not_there_yet_is_used_nowhere(browser):
    assert "where-used" not in browser("manager").get(f"{URL}/add/").content.decode()


def test_what_is_not_there_any_more_is_asked_about_in_vain(browser):
    url = f"{URL}/018f2b1e-0000-7000-8000-000000000000/where-used/"
    assert browser("manager").get(url).status_code == 404
