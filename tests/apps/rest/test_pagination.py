"""How many rows a list has: exactly, unless the caller would rather have a quick answer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from requests.utils import parse_header_links

from apps.core import clock, counting
from apps.core.actor import SYSTEM
from apps.rest import filters, pagination
from catalog_services.characteristic.actions.characteristic_create import characteristic_create
from catalog_services.characteristic.models import Characteristic

pytestmark = pytest.mark.django_db
URL = "/api/v1/characteristics"


@pytest.fixture(autouse=True)
def _six(monkeypatch):
    monkeypatch.setattr(counting, "EXACTLY", 3)
    for number in range(6):
        characteristic_create(actor=SYSTEM, fields={"name": f"Speed {number}", "unit_of_measure": "None"})


def test_a_total_is_exact(api):
    response = api("viewer").get(URL, {"limit": 2})
    assert response["X-Total-Count"] == "6"
    assert "Preference-Applied" not in response


def test_who_prefers_an_estimate_gets_one_and_is_told(api):
    client = api("viewer")
    client.get(URL)
    response = client.get(URL, {"limit": 2}, HTTP_PREFER="respond-async, count=estimated")
    assert response["X-Total-Count"].isdecimal()
    assert int(response["X-Total-Count"]) > 3
    assert response["Preference-Applied"] == "count=estimated"
    few = client.get(URL, {"limit": 2, "name": "Speed 1"}, HTTP_PREFER="count=estimated")
    assert few["X-Total-Count"] == "1"


@pytest.mark.parametrize("guess", [0, 3, 5, 7, 60])
def test_a_wrong_estimate_costs_no_row(api, monkeypatch, guess):
    monkeypatch.setattr(pagination, "count_of", lambda rows: counting.About(guess))
    client = api("viewer")
    url, found = f"{URL}?limit=2&ordering=name", []
    while url:
        page = client.get(url, HTTP_PREFER="count=estimated")
        assert page.json(), "who follows the links meets no empty page"
        found += [row["name"] for row in page.json()]
        url = next(
            (link["url"] for link in parse_header_links(page.get("Link", "")) if link["rel"] == "next"), ""
        )
    assert found == [f"Speed {number}" for number in range(6)]
    assert page["X-Total-Count"] == "6"
    assert len(client.get(URL, {"limit": 2, "offset": 5}, HTTP_PREFER="count=estimated").json()) == 1
    beyond = client.get(URL, {"limit": 2, "offset": 8}, HTTP_PREFER="count=estimated")
    assert (beyond.json(), int(beyond["X-Total-Count"]) <= 8) == ([], True)


def test_a_deep_page_skips_keys_and_not_whole_rows(api, monkeypatch):
    monkeypatch.setattr(pagination, "DEEP", 2)
    client = api("viewer")
    query = {"limit": 2, "ordering": "-name", "offset": 3}
    with CaptureQueriesContext(connection) as queries:
        response = client.get(URL, query)
    assert [row["name"] for row in response.json()] == ["Speed 2", "Speed 1"]
    assert (response["X-Total-Count"], response["X-Result-Count"]) == ("6", "2")
    (skipping,) = [query["sql"] for query in queries if "OFFSET" in query["sql"]]
    assert '"description"' not in skipping
    assert client.get(URL, {**query, "offset": 6}).json() == []


@pytest.mark.parametrize("ordering", ["created_at", "-created_at"])
def test_pages_over_rows_that_tie_have_each_of_them_once(api, ordering):
    ids = sorted(str(id_) for id_ in Characteristic.objects.values_list("pk", flat=True))
    same = clock.now()
    for id_ in (*ids[3:], *ids[:3]):  # which is how they lie in the table
        Characteristic.objects.filter(pk=id_).update(created_at=same)
    client = api("viewer")
    pages = [client.get(URL, {"ordering": ordering, "limit": 1, "offset": n}).json() for n in range(6)]
    found = [row["id"] for page in pages for row in page]
    assert found == (ids if ordering == "created_at" else ids[::-1])


@pytest.mark.parametrize(
    ("ordering", "untied"),
    [
        (["created_at"], ["created_at", "pk"]),
        (["updated_at", "-created_at"], ["updated_at", "-created_at", "-pk"]),
        (["-name"], ["-name"]),
        (["created_at", "name"], ["created_at", "name"]),
        (["-created_at", "-id"], ["-created_at", "-id"]),
        (["external_id"], ["external_id", "pk"]),
        ([], ["pk"]),
    ],
)
def test_an_ordering_is_made_longer_only_where_rows_can_tie(ordering, untied):
    assert filters.untied(ordering, Characteristic) == untied
