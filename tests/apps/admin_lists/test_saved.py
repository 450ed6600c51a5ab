"""Filters that have a name, and the columns that a person wants to see."""

from __future__ import annotations

import re
from html import unescape

import pytest

from apps.admin_lists import saved
from apps.admin_lists.models import ChosenColumns, SavedFilter
from apps.core.ids import uuid7
from tests.apps.admin_lists.conftest import URL, rows, text

pytestmark = pytest.mark.django_db
ANNA, BEN = str(uuid7()), str(uuid7())
FILTERS = f"{URL}arrange/filters/"
COLUMNS = f"{URL}arrange/columns/"


def keep(client, name: str, query: str, **more):
    return client.post(FILTERS, {"name": name, "query": query, **more}, follow=True)


def offered(page: str) -> dict[str, str]:
    """The saved filters that a list offers: name -> query."""
    menu = page.partition("Saved filters")[2].partition("</details>")[0]
    return {name: unescape(query) for query, name in re.findall(r'<a href="([^"]*)"[^>]*>([^<]+)</a>', menu)}


def heads(page: str) -> list[str]:
    return re.findall(r'class="[^"]*\bcolumn-(\w+)', page)


def test_a_filter_that_was_kept_is_found_again_with_search_and_order(browser, made):
    made(2)
    made(2, unit_of_measure="Mbps", value_type="number")
    client = browser("manager", sub=ANNA)
    page = text(client, "?value_type=number&q=Speed&o=-1&p=1&_facets=True")
    query = re.search(r'name="query" value="([^"]*)"', page).group(1)
    keep(client, "Mine", unescape(query))
    (again,) = offered(text(client)).values()
    assert again == "?o=-name&q=Speed&value_type=number"
    assert rows(text(client, again)) == ["Speed 003", "Speed 002"]
    assert 'aria-current="true"' in text(client, again)
    assert 'aria-current="true"' not in text(client).partition("Saved filters")[2].partition("</details>")[0]


def test_a_filter_is_its_owners_alone_until_it_is_shared(browser):
    keep(browser("manager", sub=ANNA), "Private", "q=a")
    keep(browser("manager", sub=ANNA), "Shared", "q=b", shared="on")
    assert offered(text(browser("viewer", "ben", sub=BEN))) == {"Shared": "?q=b"}
    assert set(offered(text(browser("manager", sub=ANNA)))) == {"Private", "Shared"}


def test_a_viewer_keeps_filters_and_shares_none(browser):
    client = browser("viewer", sub=ANNA)
    keep(client, "Mine", "q=a", shared="on")
    assert SavedFilter.objects.get().shared is False
    assert "For everybody" not in text(client)


def test_the_same_name_is_the_same_filter(browser):
    for query in ("q=a", "q=b"):
        keep(browser("viewer", sub=ANNA), "Mine", query)
    assert [row.query for row in SavedFilter.objects.all()] == ["q=b"]


def test_only_the_owner_removes_a_filter_and_an_admin_a_shared_one(browser):
    keep(browser("manager", sub=ANNA), "Shared", "q=b", shared="on")
    keep(browser("manager", sub=ANNA), "Private", "q=b")
    shared, private = (SavedFilter.objects.get(name=name) for name in ("Shared", "Private"))
    browser("manager", "ben", sub=BEN).post(f"{FILTERS}{shared.pk}/")
    browser("admin", "ben", sub=BEN).post(f"{FILTERS}{private.pk}/")
    assert SavedFilter.objects.count() == 2
    browser("admin", "ben", sub=BEN).post(f"{FILTERS}{shared.pk}/")
    browser("manager", sub=ANNA).post(f"{FILTERS}{private.pk}/")
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "message"),
    [
        ("", "q=a", "Name: This field is required."),
        ("x" * 61, "q=a", "at most 60"),
        ("x", "q" * 2001, "at most 2000"),
    ],
)
def test_a_filter_that_cannot_be_kept_says_why(browser, name, query, message):
    assert message in keep(browser("viewer"), name, query).content.decode()
    assert not SavedFilter.objects.exists()


def test_a_person_keeps_so_many_filters_and_no_more(browser, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 2)
    for name in ("a", "b", "c", "a"):
        page = keep(browser("viewer", sub=ANNA), name, "q=a").content.decode()
    assert sorted(SavedFilter.objects.values_list("name", flat=True)) == ["a", "b"]
    assert "is kept as" in page


def test_a_person_sees_the_columns_chosen_and_nobody_else_does(browser, made):
    made(1)
    client = browser("viewer", sub=ANNA)
    assert heads(text(client)) == ["name", "value_type", "unit_of_measure", "version", "updated_at"]
    client.post(COLUMNS, {"columns": ["external_id", "unit_of_measure", "password", "owner__name"]})
    assert heads(text(client)) == ["name", "unit_of_measure", "external_id"]
    assert "updated_at" in heads(text(browser("viewer", "ben", sub=BEN)))
    client = browser("viewer", sub=ANNA)
    client.post(COLUMNS, {"reset": ""})
    assert "updated_at" in heads(text(client))
    assert not ChosenColumns.objects.exists()


def test_an_order_means_the_same_column_whatever_columns_are_shown(browser, made):
    made(3)
    client = browser("viewer", sub=ANNA)
    client.post(COLUMNS, {"columns": ["updated_at"]})
    assert rows(text(client, "?o=-updated_at"))[0] == "Speed 002"
    assert rows(text(client, "?o=-version"))[0] == "Speed 000"


def test_where_a_column_is_chosen_the_filter_stays(browser):
    response = browser("viewer").post(COLUMNS, {"columns": [], "query": "q=a&p=3&value_type=number"})
    assert response["Location"] == f"{URL}?q=a&value_type=number"


@pytest.mark.parametrize("url", [FILTERS, COLUMNS, f"{FILTERS}1/"])
def test_looking_changes_nothing(browser, url):
    assert browser("viewer").get(url).status_code == 405
