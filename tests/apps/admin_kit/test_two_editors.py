"""Two people edit one row: the second is shown what changed meanwhile, keeps both or chooses, and loses nothing."""

from __future__ import annotations

import pgtrigger
import pytest

from apps.outbox.models import OutboxEvent
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.models import Characteristic
from tests.apps.admin_kit.test_history import MONA, URL
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.admin import as_shown, meanwhile, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> Characteristic:
    values = [{"value": "100", "is_default": True}, {"value": "200", "is_default": False}]
    return CharacteristicFactory(name="Speed", description="as it was", values=values)


@pytest.fixture
def second(browser, row):
    """``second(**typed)``: somebody saves what was opened before Mona saved; ``opened`` is what he was shown."""
    client, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(client.get(url))

    def save(**typed):
        other = {name: sent for name, sent in opened.items() if not name.startswith("values-")}
        return client.post(url, {**(other if "values-TOTAL_FORMS" in typed else opened), **typed})

    return save


def saved_first(row: Characteristic, **fields) -> None:
    characteristic_update(actor=MONA, id=row.pk, fields=fields)


def now(row: Characteristic) -> Characteristic:
    row.refresh_from_db()
    return row


def test_the_second_is_shown_what_both_changed_and_nothing_is_saved(row, second):
    saved_first(row, description="hers")
    response = second(description="his")
    page = response.content.decode()
    assert response.status_code == 200
    assert "mona changed this since you opened it." in page
    assert meanwhile(response) == ["description"]
    panel = page.split('id="meanwhile"')[1].split("</section>")[0]
    for shown in (">as it was<", ">his<", ">hers<"):
        assert shown in panel.replace(" <", "<").replace("\n", ""), shown
    assert as_shown(response)["description"] == ["his"], "what was typed is still there"
    assert (now(row).description, row.version) == ("hers", 2)


def test_what_nobody_touched_is_nobodys_change(row, second):
    saved_first(row, description="hers")
    assert meanwhile(second()) == ["description"]


def test_different_fields_are_both_kept_with_one_click(row, second):
    saved_first(row, description="hers")
    told = second(name="His speed")
    assert "Keep both" in told.content.decode()
    assert now(row).name == "Speed"
    assert second(name="His speed", version_shown="2", _continue="1").status_code == 302
    assert (now(row).name, row.description, row.version) == ("His speed", "hers", 3)


def test_what_neither_touched_stays_as_it_is_stored(browser):
    row = CharacteristicFactory(description=" of two\r\nlines ")
    client, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(client.get(url))
    saved_first(row, unit_of_measure="Gbps")
    his = {**opened, "name": "His speed"}
    assert meanwhile(client.post(url, his)) == ["name", "unit_of_measure"]
    assert client.post(url, {**his, "version_shown": "2"}).status_code == 302
    assert (now(row).name, row.unit_of_measure) == ("His speed", "Gbps")
    assert row.description == " of two\r\nlines "


def test_rows_that_both_added_are_both_kept(row, second):
    hers = [*row.values, {"value": "1000", "is_default": False}]
    saved_first(row, values=hers)
    his = rows("values", [{"value": "100"}, {"value": "200", "is_default": True}, {"value": "500"}])
    assert meanwhile(second(**his)) == ["values"]
    assert second(**his, version_shown="2").status_code == 302
    kept = {value["value"]: value["is_default"] for value in now(row).values}
    assert kept == {"100": False, "200": True, "500": False, "1000": False}


@pytest.mark.parametrize(("choice", "kept"), [("mine", "his"), ("theirs", "hers")])
def test_where_both_changed_the_same_one_chooses_and_the_rest_is_kept_from_both(row, second, choice, kept):
    saved_first(row, description="hers", unit_of_measure="Gbps")
    typed = {"description": "his", "name": "His speed", "version_shown": "2"}
    undecided = second(**typed)
    assert "Choose what is kept" in undecided.content.decode()
    assert as_shown(undecided)["description"] == ["his"]
    assert now(row).version == 2
    assert second(**typed, **{"keep-description": choice}).status_code == 302
    assert (now(row).description, row.name, row.unit_of_measure) == (kept, "His speed", "Gbps")


def test_who_saves_between_what_was_shown_and_the_click_is_shown_too(row, second):
    saved_first(row, description="hers")
    saved_first(row, name="Her speed")
    told = second(unit_of_measure="Gbps", version_shown="2")
    assert 'name="version_shown" value="3"' in told.content.decode()
    assert set(meanwhile(told)) == {"name", "description", "unit_of_measure"}
    assert now(row).unit_of_measure == "Mbps"
    assert second(unit_of_measure="Gbps", version_shown="3").status_code == 302
    assert (now(row).name, row.description, row.unit_of_measure) == ("Her speed", "hers", "Gbps")


def test_what_the_action_refuses_of_both_together_is_said_and_nothing_typed_is_lost(row, second):
    CharacteristicFactory(name="Taken")
    saved_first(row, description="hers")
    refused = second(name="Taken", version_shown="2")
    assert "Another characteristic has this name already." in refused.content.decode()
    assert as_shown(refused)["name"] == ["Taken"]
    assert 'name="version_shown" value="2"' in refused.content.decode()


def test_where_history_does_not_go_back_so_far_one_may_put_his_own_over_it(row, second):
    with pgtrigger.ignore("outbox.OutboxEvent:kept"):
        OutboxEvent.objects.all().delete()
    saved_first(row, description="hers")
    told = second(description="his").content.decode()
    assert "You saw version 1; it is at version 2 now." in told
    assert 'name="version_seen" value="2"' in told
    assert second(description="his", version_seen="2").status_code == 302
    assert (now(row).description, row.version) == ("his", 3)


def test_a_number_that_nobody_was_shown_saves_nothing(row, second):
    saved_first(row, description="hers")
    for never in ("1", "99", "x", "-1", "٣"):
        assert second(name="His speed", version_shown=never).status_code == 200
    assert now(row).name == "Speed"
