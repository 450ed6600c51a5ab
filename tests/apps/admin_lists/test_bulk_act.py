"""What is done to several selected rows: to each as the list showed it, to a bounded number, and truly told."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry

from apps.admin_lists import bulk_act
from apps.core.actor import SYSTEM
from catalog_services.characteristic.actions.characteristic_delete import characteristic_delete
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.models import Characteristic
from tests.apps.admin_lists.conftest import URL
from tests.support.bulk import shown

pytestmark = pytest.mark.django_db
SEEN = re.compile(r'<input type="hidden" name="seen" value="([^"]+)"')


@pytest.fixture(autouse=True)
def _used_by_nobody(neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [])


def listed(client: Any, query: str = "") -> list[str]:
    """What the list remembers of its rows."""
    return SEEN.findall(shown(client.get(f"{URL}{query}")))


def delete(client: Any, rows: list[Any], **given: Any) -> str:
    body = {"action": "delete_selected", "_selected_action": [str(row.pk) for row in rows], **given}
    return shown(client.post(URL, body, follow=True))


def test_rows_are_deleted_after_the_question_and_each_refusal_is_told(browser, made):
    rows = made(3)
    client = browser("manager")
    asked = delete(client, rows, seen=listed(client))
    assert Characteristic.objects.count() == 3, "it only asks"
    assert "Speed 001" in asked
    done = delete(client, rows, seen=SEEN.findall(asked), post="yes")
    assert "Delete: 3 of 3" in done
    assert not Characteristic.objects.exists()
    assert LogEntry.objects.filter(action_flag=DELETION).count() == 3


@pytest.mark.parametrize("when", ["before the question", "after the question"])
def test_what_others_changed_meanwhile_is_not_deleted(browser, made, when):
    kept, gone = made(2)
    client = browser("manager")
    seen = listed(client)
    if when == "after the question":
        seen = SEEN.findall(delete(client, [kept, gone], seen=seen))
    characteristic_update(actor=SYSTEM, id=kept.pk, fields={"description": "new"})
    if when == "before the question":
        seen = SEEN.findall(delete(client, [kept, gone], seen=seen))
    done = delete(client, [kept, gone], seen=seen, post="yes")
    assert "Delete: 1 of 2" in done
    assert "<li>" in done.split("changed this since")[1][:200], (
        "what they changed is a list, and not its source"
    )
    assert "changed this since you opened it" in done
    assert list(Characteristic.objects.all()) == [kept]


def test_what_is_deleted_already_is_said(browser, made):
    first, second = made(2)
    client = browser("manager")
    seen = listed(client)
    characteristic_delete(actor=SYSTEM, id=first.pk)
    done = delete(client, [first, second], seen=seen, post="yes")
    assert "Delete: 1 of 1" in done
    assert "1 of those chosen is not there any more" in done


def test_of_all_that_match_only_the_first_are_acted_on(browser, made, monkeypatch):
    monkeypatch.setattr(bulk_act, "MOST", 2)
    rows = made(5)
    client = browser("manager")
    asked = delete(client, rows, select_across="1")
    assert "Only the first 2" in asked
    chosen = re.findall(r'name="_selected_action" value="([^"]+)"', asked)
    assert len(chosen) == 2
    delete(client, Characteristic.objects.filter(pk__in=chosen), seen=SEEN.findall(asked), post="yes")
    assert Characteristic.objects.count() == 3


def test_one_that_is_deleted_from_its_form_is_the_version_that_was_shown(browser, made):
    (row,) = made(1)
    client = browser("manager")
    asked = shown(client.get(f"{URL}{row.pk}/delete/"))
    characteristic_update(actor=SYSTEM, id=row.pk, fields={"description": "new"})
    seen = SEEN.findall(asked)
    done = unescape(shown(client.post(f"{URL}{row.pk}/delete/", {"post": "yes", "seen": seen}, follow=True)))
    assert "changed this since you opened it" in done
    assert Characteristic.objects.exists()


NOBODY = "0" * 32


@pytest.mark.parametrize(
    "hostile", ["", ":", "x:1", ":1", "1e5:1", f"{NOBODY}:-1", f"{NOBODY}:{'1' * 5000}", "<script>:1"]
)
def test_what_is_no_version_is_none(hostile):
    assert bulk_act.versions([hostile]) == {}


def test_a_part_that_is_away_is_waited_for_once(browser, made, neighbours):
    neighbours.down("specification")
    rows = made(3)
    asked = len(neighbours.asked)
    done = delete(browser("manager"), rows, post="yes")
    assert len(neighbours.asked) == asked + 1
    assert "2 were not tried" in done
    assert Characteristic.objects.count() == 3
