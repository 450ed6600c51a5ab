"""The list of specifications: searched, filtered and edited several at once."""

from __future__ import annotations

import pytest
from django.db import connection

from catalog_services.specification.models import Specification
from tests.services.specification.factories import SpecificationFactory, heard
from tests.support.admin import plan_of_a_search
from tests.support.bulk import choose, look, press

pytestmark = pytest.mark.django_db
URL = "/admin/specification/specification/specification/"


def test_a_brand_is_given_to_several_and_their_characteristics_stay(browser):
    rows = [SpecificationFactory(brand="Old") for _ in range(2)]
    client = browser("manager")
    press(client, look(client, choose(client, URL, rows), "brand", value="New"), "Change these 2")
    for row in rows:
        now = Specification.objects.get(pk=row.pk)
        assert (now.brand, now.characteristics) == ("New", row.characteristics)


def test_some_of_a_brand_is_typed_into_the_filter_and_found_by_the_index(browser):
    for brand in ("Acme", "Acme Labs", "Other"):
        SpecificationFactory(brand=brand)
    page = browser("viewer").get(URL, {"brand": "acme"}).content.decode()
    assert page.count('class="data-row') == 2
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert "specification_search" in Specification.objects.filter(brand__icontains="acme").explain()


def test_a_search_has_its_index():
    assert "specification_search" in plan_of_a_search(Specification, "bre 5")


def test_a_nul_in_a_filter_or_a_chooser_finds_its_way_and_is_no_error_of_the_server(browser):
    client = browser("viewer")
    for typed in ("brand=%00", "brand=a%00b", "q=%00", "%00=1"):
        response = client.get(f"{URL}?{typed}")
        assert (response.status_code, response.headers.get("Location")) == (302, f"{URL}?e=1")
    heard("100", name="Speed")
    chosen = client.get("/admin/specification/choices/characteristic/?term=spe%00")
    assert [one["text"] for one in chosen.json()["results"]] == ["Speed (Mbps)"]
