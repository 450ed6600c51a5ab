"""Several rows edited at once: nothing is changed that was not looked at, and nothing that is no longer what was."""

from __future__ import annotations

import pytest

from apps.admin_lists import bulk_edit
from apps.core.actor import SYSTEM
from apps.outbox.models import OutboxEvent
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.models import Characteristic
from tests.apps.admin_lists.conftest import URL
from tests.support.bulk import choose, look, press, table

pytestmark = pytest.mark.django_db
VOLT = {"value": "Volt"}


def units() -> list[str]:
    return list(Characteristic.objects.order_by("name").values_list("unit_of_measure", flat=True))


def test_a_preview_says_what_would_become_of_each_row_and_changes_nothing(browser, made):
    first, second = made(2, value_type="number")
    (words,) = made(1, value_type="string")
    (volt,) = made(1, unit_of_measure="Volt")
    events = OutboxEvent.objects.count()
    client = browser("manager")
    page = look(client, choose(client, URL, [first, second, words, volt]), "unit_of_measure", **VOLT)
    assert table(page, "changed") == [["Speed 000", "None", "Volt"], ["Speed 001", "None", "Volt"]]
    ((name, reason),) = table(page, "refused")
    assert name == "Speed 002"
    assert "number" in reason
    assert "1 are so already" in page
    assert units() == ["None", "None", "None", "Volt"]
    assert set(Characteristic.objects.values_list("version", flat=True)) == {1}
    assert OutboxEvent.objects.count() == events


def test_what_was_looked_at_is_done_by_the_action_as_the_person_signed_in(browser, made):
    rows = made(2, value_type="number")
    client = browser("manager", username="mona")
    page = look(client, choose(client, URL, rows), "unit_of_measure", **VOLT)
    done = press(client, page, "Change these 2")
    assert "2 changed, 0 not changed" in done
    assert units() == ["Volt", "Volt"]
    last = OutboxEvent.objects.latest("id").envelope
    assert (last["type"], last["actor"]) == ("catalog.characteristic.CharacteristicUpdated.v1", "mona")


def test_the_line_ends_of_a_browser_are_no_change(browser, made):
    (there,) = made(1, description="two\nlines")
    (other,) = made(1)
    client = browser("manager")
    page = look(client, choose(client, URL, [there, other]), "description", value="two\r\nlines")
    assert [name for name, *_texts in table(page, "changed")] == ["Speed 001"]
    assert "1 are so already" in page
    press(client, page, "Change these 1")
    assert set(Characteristic.objects.values_list("description", flat=True)) == {"two\nlines"}


def test_a_row_that_was_changed_or_deleted_meanwhile_is_said_and_left(browser, made):
    rows = made(3, value_type="number")
    client = browser("manager")
    page = look(client, choose(client, URL, rows), "unit_of_measure", **VOLT)
    characteristic_update(actor=SYSTEM, id=rows[0].pk, fields={"unit_of_measure": "Watt"})
    Characteristic.objects.filter(pk=rows[1].pk).delete()
    done = press(client, page, "Change these 3")
    reasons = [reason for _name, reason in table(done, "refused")]
    assert "changed this since you opened it" in reasons[0]
    assert "deleted meanwhile" in reasons[1]
    assert units() == ["Watt", "Volt"]


def test_doing_it_twice_does_it_once(browser, made):
    rows = made(1, value_type="number")
    client = browser("manager")
    page = look(client, choose(client, URL, rows), "unit_of_measure", **VOLT)
    press(client, page, "Change these 1")
    press(client, page, "Change these 1")
    assert Characteristic.objects.get().version == 2


def test_all_that_match_are_looked_at_and_done_so_many_at_a_time(browser, made, monkeypatch):
    monkeypatch.setattr(bulk_edit, "MOST", 2)
    numbers = made(5, value_type="number")
    made(1, value_type="string")
    client = browser("manager")
    query = "?value_type=number"
    page = choose(client, URL, numbers[:1], query=query, across=True)
    assert "Selected: 5 characteristics" in page
    page = look(client, page, "unit_of_measure", **VOLT)
    assert len(table(page, "changed")) == 2
    page = press(client, press(client, page, "Change these 2"), "Look at the next ones")
    page = press(client, page, "Leave these, look at the next ones")
    assert [name for name, *_ in table(page, "changed")] == ["Speed 004"]
    done = press(client, page, "Change these 1")
    assert "next ones" not in done
    assert units() == ["Volt", "Volt", "None", "None", "Volt", "None"]


def test_a_value_that_cannot_be_is_asked_for_again(browser, made):
    client = browser("manager")
    page = look(client, choose(client, URL, made(1)), "unit_of_measure", value="Parsec")
    assert "Select a valid choice" in page
    assert 'id="changed"' not in page


def test_an_empty_value_is_a_value(browser, made):
    rows = made(1, description="Old")
    client = browser("manager")
    press(client, look(client, choose(client, URL, rows), "description", value=""), "Change these 1")
    assert Characteristic.objects.get().description == ""


@pytest.mark.parametrize("field", ["", "name", "version", "values"])
def test_a_field_that_is_not_declared_is_not_edited_in_bulk(browser, made, field):
    (row,) = made(1)
    posted = {"field": field, f"{field}-value": "x", "rows": f"{row.pk}:1", "apply": "1"}
    assert browser("manager").post(f"{URL}bulk-edit/", posted).status_code == 400
    row.refresh_from_db()
    assert row.version == 1


def test_who_may_not_change_is_not_offered_it_and_may_not_do_it(browser, made):
    (row,) = made(1, value_type="number")
    client = browser("viewer")
    assert "bulk_edit" not in client.get(URL).content.decode()
    posted = {
        "field": "unit_of_measure",
        "unit_of_measure-value": "Volt",
        "rows": f"{row.pk}:1",
        "apply": "1",
    }
    assert client.post(f"{URL}bulk-edit/", posted).status_code == 403
    assert units() == ["None"]


def test_opened_by_its_address_it_leads_to_the_list(browser):
    assert browser("manager").get(f"{URL}bulk-edit/")["Location"] == URL
