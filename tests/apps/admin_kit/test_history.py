"""The history of a row: every change by anyone through any door, and nobody can edit it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.admin_kit import history as pages
from apps.core.actor import MANAGER, Actor
from apps.core.ids import uuid7
from apps.outbox.history import deletions
from apps.outbox.kinds import kind_of
from catalog_services.characteristic.actions.characteristic_delete import characteristic_delete
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.models import Characteristic
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.admin import rows

pytestmark = pytest.mark.django_db
URL = "/admin/characteristic/characteristic/characteristic"
MONA = Actor(uuid7(), "mona", frozenset({MANAGER}))


def history(client, row, **chosen) -> str:
    page = client.get(f"{URL}/{row.pk}/history/", chosen).content.decode()
    return re.sub(r"\s+", " ", page.split("<body")[1])


def changed(row, **fields):
    return characteristic_update(actor=MONA, id=row.pk, fields=fields)


def test_every_change_is_there_with_who_and_what_whatever_the_door(browser):
    row, client = CharacteristicFactory(name="Speed", description="old"), browser("manager")
    changed(row, description="new")
    form = {
        "name": "Speed",
        "unit_of_measure": "Mbps",
        "version_seen": "2",
        **rows("values", [{"value": "7"}]),
    }
    assert client.post(f"{URL}/{row.pk}/change/", form).status_code == 302
    shown = history(client, row)
    assert re.search(r"Description:</span> <del[^>]*>old</del> → <span>new<", shown)
    assert shown.index(">anna<") < shown.index(">mona<"), "the newest first"
    assert len(re.findall(r"<time ", shown)) == 3


def test_any_two_versions_are_put_side_by_side_the_older_first(browser):
    row, client = CharacteristicFactory(description="first"), browser("viewer")
    changed(row, description="second")
    changed(row, description="third")
    for chosen in ({"a": "1", "b": "3"}, {"a": "3", "b": "1"}):
        page = history(client, row, **chosen)
        table = page.split('id="comparison"')[1].split("</table>")[0]
        assert table.index("first") < table.index("third")
        assert "second" not in table
        assert picked(page) == [("b", "3"), ("a", "1")], "they stay chosen, in the list of all"
    page = history(client, row, a="1", b="99")
    assert 'id="comparison"' not in page
    assert picked(page) == [("b", "3"), ("a", "2")], "else the newest two are"


def picked(page: str) -> list[tuple[str, str]]:
    return re.findall(r'name="(\w)" value="(\d+)"[^>]* checked', page)


def test_a_deleted_row_still_has_its_history(browser, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [])
    row, client = CharacteristicFactory(), browser("viewer")
    row_id = row.pk
    characteristic_delete(actor=MONA, id=row.pk)
    row.pk = row_id
    assert "Deleted" in history(client, row)


@pytest.mark.parametrize("page", ["change", "delete"])
def test_the_address_of_a_deleted_row_leads_to_its_history_and_says_that_it_is_gone(
    browser, neighbours, page
):
    neighbours.answers("specification", "/api/v1/specifications", [])
    id_, client = gone(name="Speed"), browser("manager")
    answer = client.get(f"{URL}/{id_}/{page}/", follow=True)
    assert answer.redirect_chain == [(f"{URL}/{id_}/history/", 302)]
    assert f"characteristic with ID “{id_}” doesn’t exist" in answer.content.decode()


@pytest.mark.parametrize("id_", ["00000000-0000-7000-8000-000000000000", "nonsense", "1"])
def test_the_address_of_what_never_was_leads_to_the_list_and_says_so(browser, id_):
    answer = browser("manager").get(f"{URL}/{id_}/change/", follow=True)
    assert answer.redirect_chain == [(f"{URL}/", 302)]
    assert f"characteristic with ID “{id_}” doesn’t exist" in answer.content.decode()


def deleted(client, **chosen) -> list[tuple[str, str]]:
    """Names and the way to their history, as the page of what was deleted has them."""
    page = client.get(f"{URL}/deleted/", chosen).content.decode()
    table = page.split('id="deleted"')[1].split("</table>")[0]
    return list(zip(re.findall("<bdi>(.*?)</bdi>", table), re.findall('href="(.*?)"', table), strict=True))


def gone(**fields) -> str:
    """The id of one that mona deleted."""
    row = CharacteristicFactory(**fields)
    id_ = str(row.pk)
    characteristic_delete(actor=MONA, id=row.pk)
    return id_


def test_what_was_deleted_is_listed_and_made_anew_from_its_history(browser, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [])
    CharacteristicFactory(name="Stays")
    first, second = gone(name="Speed"), gone(name="<b>Colour")
    client = browser("manager")
    assert deleted(client) == [
        ("&lt;b&gt;Colour", f"../{second}/history/"),
        ("Speed", f"../{first}/history/"),
    ]
    assert "mona" in client.get(f"{URL}/deleted/").content.decode()
    assert f"{URL}/deleted/" in client.get(f"{URL}/").content.decode()
    (anew,) = re.findall(
        r'href="(../../add/\?from=[^"]*)"', client.get(f"{URL}/{first}/history/").content.decode()
    )
    page = client.get(f"{URL}/add/?{anew.partition('?')[2].replace('&amp;', '&')}").content.decode()
    assert 'value="Speed"' in page


def test_what_was_deleted_is_turned_page_by_page(browser, neighbours, monkeypatch):
    monkeypatch.setattr("apps.admin_kit.deleted.PER_PAGE", 2)
    neighbours.answers("specification", "/api/v1/specifications", [])
    for number in range(5):
        gone(name=f"Speed {number}")
    client, seen, query = browser("viewer"), [], {}
    while True:
        seen += [name for name, _ in deleted(client, **query)]
        older = re.search(
            r'rel="next" href="\?before=(\d+)"', client.get(f"{URL}/deleted/", query).content.decode()
        )
        if older is None:
            break
        query = {"before": older[1]}
    assert seen == [f"Speed {number}" for number in (4, 3, 2, 1, 0)]


def test_a_deletion_is_found_without_reading_the_other_events(browser, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [])
    gone()
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        assert len(deletions(kind_of(Characteristic))) == 1
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "outbox_event_deleted" in plan


def test_a_new_row_begins_as_any_version_was(browser):
    row, client = CharacteristicFactory(description="first"), browser("manager")
    changed(row, description="second")
    page = client.get(f"{URL}/add/", {"from": str(row.pk), "version": "1"}).content.decode()
    assert ">first</textarea>" in page.replace("\n", "")
    for wrong in (
        {"from": "x", "version": "1"},
        {"from": str(row.pk), "version": "x"},
        {"from": str(row.pk)},
    ):
        assert client.get(f"{URL}/add/", wrong).status_code == 200


def test_history_is_looked_at_and_never_written(browser, client):
    row = CharacteristicFactory(name="<script>alert(1)</script>")
    assert "<script>alert" not in history(browser("manager"), row)
    assert browser("manager").get(f"{URL}/{uuid7()}/history/").status_code == 404
    client.cookies.clear()
    assert client.get(f"{URL}/{row.pk}/history/")["Location"].startswith("/admin/login/")


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'name="a" value="(\d+)"', page)]


def test_a_long_history_is_turned_page_by_page_and_says_so(browser, monkeypatch):
    monkeypatch.setattr(pages, "PER_PAGE", 3)
    row, client = CharacteristicFactory(description="1"), browser("viewer")
    for number in range(2, 9):
        changed(row, description=str(number))
    newest = history(client, row)
    assert numbers(newest) == [8, 7, 6]
    assert "3 versions up to version 8" in newest
    assert 'href="?before=6"' in newest
    assert re.search(r"<del[^>]*>5</del> → <span>6<", newest), "beside the version before, which is not shown"
    older = history(client, row, before="6")
    assert numbers(older) == [5, 4, 3]
    assert 'href="?"' in older
    last = history(client, row, before="3")
    assert numbers(last) == [2, 1]
    assert "Created" in last
    assert "?before=" not in last
    apart = history(client, row, a="1", b="8")
    assert apart.split('id="comparison"')[1].split("</table>")[0].count("Version ") == 2
    assert client.get(f"{URL}/{row.pk}/history/", {"before": "1"}).status_code == 404
    for wrong in ("x", "-1", "9" * 40):
        assert numbers(history(client, row, before=wrong)) == [8, 7, 6]


def test_the_two_versions_to_compare_are_chosen_by_names_that_one_sees(browser):
    row, client = CharacteristicFactory(), browser("viewer")
    page = history(client, row)
    for name in ("First", "Second"):
        assert re.search(rf"<label[^>]*><input type=\"radio\"[^>]*>{name}</label>", page)
    assert re.search(r"<time [^>]*>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC</time>", page)
