"""Where a row is used, told while it is looked at."""

from __future__ import annotations

import pytest

from tests.services.characteristic.factories import CharacteristicFactory

pytestmark = pytest.mark.django_db
URL = "/admin/characteristic/characteristic/characteristic"


def used(client, row) -> str:
    return client.get(f"{URL}/{row.pk}/where-used/").content.decode()


def test_the_form_asks_and_shows_who_uses_it_and_how_many_there_are(browser, neighbours):
    row, client = CharacteristicFactory(), browser("viewer")
    assert 'hx-get="../where-used/"' in client.get(f"{URL}/{row.pk}/change/").content.decode()
    neighbours.answers(
        "specification", "/api/v1/specifications", [{"id": "s1", "name": "Fibre <b>"}], total=12
    )
    shown = used(client, row)
    assert 'href="/admin/specification/specification/specification/s1/change/">Fibre &lt;b&gt;</a>' in shown
    assert "(12)" in shown
    assert "and 11 more" in shown
    (asked,) = neighbours.asked
    assert asked.query["characteristic_id"] == [str(row.pk)]


def test_what_nobody_uses_can_be_deleted_and_a_silent_service_is_said(browser, neighbours):
    row, client = CharacteristicFactory(), browser("manager")
    neighbours.answers("specification", "/api/v1/specifications", [])
    assert "Nowhere: it can be deleted." in used(client, row)
    neighbours.down("specification")
    assert "Cannot be asked just now." in used(client, row)


def test_what_is_not_there_yet_is_used_nowhere(browser):
    assert "where-used" not in browser("manager").get(f"{URL}/add/").content.decode()
