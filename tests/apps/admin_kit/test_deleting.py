"""The page that asks before something is deleted: what goes, what stays, and where that is used."""

from __future__ import annotations

import pytest

from tests.services.characteristic.factories import CharacteristicFactory

pytestmark = pytest.mark.django_db
URL = "/admin/characteristic/characteristic/characteristic/"
USERS = ("specification", "/api/v1/specifications")
YES = "Yes, I’m sure"


def asked(client, *rows) -> str:
    """The page about one row, as its form leads to it, or about several chosen in the list."""
    if len(rows) == 1:
        response = client.get(f"{URL}{rows[0].pk}/delete/")
    else:
        chosen = [str(row.pk) for row in rows]
        response = client.post(URL, {"action": "delete_selected", "_selected_action": chosen})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_used_is_named_with_its_users_and_there_is_no_yes(browser, neighbours, number):
    rows = [CharacteristicFactory() for _ in range(number)]
    neighbours.answers(*USERS, [{"id": "s1", "name": "Fibre line"}], total=12)
    page = asked(browser("manager"), *rows)
    assert "This cannot be deleted:" in page
    assert page.count("It is used.") == number
    assert page.count(">Fibre line</a>") == number
    assert page.count("All 12</a>") == number
    assert all(row.name in page for row in rows)
    assert YES not in page


@pytest.mark.parametrize("number", [1, 2])
def test_what_nobody_uses_may_be_deleted_and_nothing_else_is_said_to_go_with_it(browser, neighbours, number):
    rows = [CharacteristicFactory() for _ in range(number)]
    neighbours.answers(*USERS, [])
    page = asked(browser("manager"), *rows)
    assert page.count("Nothing uses it.") == number
    assert YES in page
    assert "related items" not in page
    assert "cannot be deleted" not in page


@pytest.mark.parametrize("number", [1, 2])
def test_what_nobody_can_be_asked_about_is_not_deleted(browser, neighbours, number):
    rows = [CharacteristicFactory() for _ in range(number)]
    neighbours.down("specification")
    page = asked(browser("manager"), *rows)
    assert page.count("Whether it is used cannot be asked just now.") == number
    assert YES not in page


def test_of_several_those_go_that_can(browser, neighbours):
    used, free = CharacteristicFactory(), CharacteristicFactory()
    neighbours.answers(*USERS, [], to={"characteristic_id": str(free.pk)})
    neighbours.answers(*USERS, [{"id": "s1", "name": "Fibre"}], to={"characteristic_id": str(used.pk)})
    page = asked(browser("manager"), used, free)
    going, staying = page.split('id="staying"')
    assert free.name in going
    assert used.name in staying
    assert f'name="_selected_action" value="{free.pk}"' in page
    assert f'name="_selected_action" value="{used.pk}"' not in page


def test_who_may_not_delete_is_not_asked(browser, neighbours):
    row = CharacteristicFactory()
    assert browser("viewer").get(f"{URL}{row.pk}/delete/").status_code == 403
    assert neighbours.asked == []
