"""A list that is too long to be counted is walked from place to place, whatever it is ordered by."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext

from apps.admin_lists import keyset
from apps.core import counting
from apps.core.counting import About, count_of
from catalog_services.characteristic.admin import CharacteristicAdmin
from catalog_services.characteristic.models import Characteristic
from tests.apps.admin_lists.conftest import PER_PAGE, URL, rows, text, way

pytestmark = pytest.mark.django_db
NAME, VALUE_TYPE, UPDATED_AT = 1, 2, 5
"""Columns of the list; 0 is the box to select a row."""


def test_a_count_is_exact_up_to_the_bound_and_an_estimate_beyond_it(made, monkeypatch):
    monkeypatch.setattr(counting, "EXACTLY", 5)
    made(5)
    assert (count_of(Characteristic.objects.all()), str(count_of(Characteristic.objects.all()))) == (5, "5")
    made(7)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        counted = count_of(Characteristic.objects.order_by("name"))
    assert isinstance(counted, About)
    assert counted > 5
    assert str(counted) == f"about {int(counted):,}"
    assert "LIMIT 6" in queries[0]["sql"]
    assert all("ORDER BY" not in query["sql"] for query in queries)


def walk(client, query: str, name: str) -> list[list[str]]:
    """The rows of every page from ``query`` on."""
    pages = []
    while query:
        page = text(client, query)
        pages.append(rows(page))
        query = way(page, name)
        assert len(pages) < 20
    return pages


@pytest.mark.parametrize(
    ("order", "fields"),
    [
        ("", ["name"]),
        (f"-{NAME}", ["-name"]),
        (str(VALUE_TYPE), ["value_type", "-pk"]),
        (f"{VALUE_TYPE}.-{UPDATED_AT}", ["value_type", "-updated_at", "-pk"]),
        (f"-{VALUE_TYPE}.{UPDATED_AT}", ["-value_type", "updated_at", "-pk"]),
        ("-updated_at", ["-updated_at", "-pk"]),
    ],
)
def test_a_long_list_is_walked_forth_and_back_and_every_row_is_met_once(
    browser, made, long_lists, order, fields
):
    made(5)
    made(6, unit_of_measure="Mbps", value_type="number")
    client = browser("manager")
    expected = list(Characteristic.objects.order_by(*fields).values_list("name", flat=True))
    with CaptureQueriesContext(connection) as queries:
        forth = walk(client, f"?o={order}", "Next")
        back = walk(client, f"?o={order}&p=last", "Previous")
    assert [name for page in forth for name in page] == expected
    assert [name for page in reversed(back) for name in page] == expected
    assert [len(page) for page in forth] == [PER_PAGE, PER_PAGE, 3]
    assert [query["sql"] for query in queries if "OFFSET" in query["sql"]] == []


def test_a_row_that_is_new_or_gone_meanwhile_neither_hides_nor_doubles_another(browser, made, long_lists):
    made(8)
    client = browser("viewer")
    first = text(client)
    Characteristic.objects.filter(name__in=["Speed 000", "Speed 003"]).delete()
    assert rows(text(client, way(first, "Next"))) == ["Speed 004", "Speed 005", "Speed 006", "Speed 007"]


def test_the_first_and_the_last_page_know_that_they_are(browser, made, long_lists):
    made(9)
    client = browser("viewer")
    first, last = text(client), text(client, "?p=last")
    assert (way(first, "First"), way(first, "Previous")) == ("", "")
    assert (way(last, "Next"), way(last, "Last")) == ("", "")
    assert "about " in first


def test_empty_values_keep_their_place_in_both_directions(made):
    made(4)
    for number, row in enumerate(Characteristic.objects.order_by("name")[:2]):
        Characteristic.objects.filter(pk=row.pk).update(external_id=f"x{number}")
    for order in (("external_id", "-pk"), ("-external_id", "pk")):
        ordered = Characteristic.objects.order_by(*order)
        keys = keyset.keys_of(ordered)
        everything = list(ordered)
        for index, row in enumerate(everything):
            values = keyset.read(keys, keyset.written(keys, row))
            assert list(ordered.filter(keyset.after(keys, values))) == everything[index + 1 :]
            assert list(ordered.filter(keyset.before(keys, values))) == everything[:index]


def test_an_order_by_something_else_than_columns_has_a_numbered_page_for_every_row(
    browser, made, long_lists, monkeypatch
):
    made(6)
    monkeypatch.setattr(CharacteristicAdmin, "ordering", [Upper("name").desc()])
    monkeypatch.setattr(counting, "_estimated", lambda rows: 1)
    page = text(browser("viewer"), "?p=2")
    assert rows(page) == ["Speed 001", "Speed 000"]


def assert_everything_is_shown_and_said(client, query):
    response = client.get(f"{URL}?{query}")
    assert (response.status_code, response["Location"]) == (302, f"{URL}?e=1")
    assert "so everything is shown." in text(client, "?e=1")


@pytest.mark.parametrize("query", ["nonsense=1", "q=%00", "unit_of_measure__nope=1"])
def test_a_filter_that_is_none_shows_everything_and_says_so(browser, made, query):
    made(1)
    assert_everything_is_shown_and_said(browser("viewer"), query)


@pytest.mark.parametrize(("page", "shown"), [(3, "004"), (99, "004"), (0, "000"), (-1, "000")])
def test_a_page_past_the_end_is_the_last_and_the_search_stays(browser, made, monkeypatch, page, shown):
    """Whoever deleted all that was on it goes on with the same filter: what he chooses next is what he looked for."""
    monkeypatch.setattr(CharacteristicAdmin, "list_per_page", PER_PAGE)
    made(5)
    made(2, description="other")
    assert rows(text(browser("viewer"), f"?q=Speed 00&unit_of_measure=None&p={page}"))[0] == f"Speed {shown}"


@pytest.mark.parametrize(
    "place", ["after.x", "before.e30", "after.WzEsMiwzXQ", "after.", "after.WyJcdTAwMDAiXQ"]
)
def test_a_place_that_is_none_leads_to_the_start_of_the_list(browser, made, long_lists, place):
    made(5)
    assert_everything_is_shown_and_said(browser("viewer"), f"p={place}")


def test_a_short_list_has_numbered_pages_and_its_exact_length(browser, made, monkeypatch):
    monkeypatch.setattr(CharacteristicAdmin, "list_per_page", PER_PAGE)
    made(9)
    page = text(browser("viewer"), "?p=3")
    assert rows(page) == ["Speed 008"]
    assert "9 characteristics" in " ".join(page.split())
