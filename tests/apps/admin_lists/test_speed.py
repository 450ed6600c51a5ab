"""What keeps a list quick, held by what it asks the database and not by a clock."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.ids import uuid7
from apps.references.models import Reference
from catalog_services.characteristic.models import Characteristic
from tests.apps.admin_lists.conftest import rows, text
from tests.support.admin import plan_of_a_search

pytestmark = pytest.mark.django_db


def plan(queryset) -> str:
    """How it would be done if reading the whole table were out of the question."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    return queryset.explain()


def test_a_list_asks_as_much_for_many_rows_as_for_few(browser, made):
    client = browser("manager")
    made(2)
    text(client)  # what a process asks once
    with CaptureQueriesContext(connection) as few:
        text(client)
    made(30)
    with CaptureQueriesContext(connection) as many:
        text(client)
    assert len(many) == len(few)


def test_no_page_of_a_list_collects_the_values_of_all_rows_for_its_filters(browser, made):
    made(3)
    with CaptureQueriesContext(connection) as queries:
        page = text(browser("manager"), "?value_type=string&_facets=True")
    assert "DISTINCT" not in " ".join(query["sql"] for query in queries)
    assert len(rows(page)) == 3
    assert rows(text(browser("manager"), "?value_type=number")) == []


def test_a_search_is_answered_by_the_index():
    assert "characteristic_search" in plan_of_a_search(Characteristic, "peed")


def test_choosing_a_reference_is_answered_by_the_index():
    found = Reference.objects.filter(name__icontains="peed")
    assert "references_search" in plan(found)


def test_an_id_that_is_pasted_into_the_search_is_found_by_the_key(browser, made):
    first, _ = made(2)
    with CaptureQueriesContext(connection) as queries:
        assert rows(text(browser("viewer"), f"?q={first.pk}")) == [first.name]
    assert "LIKE" not in " ".join(query["sql"] for query in queries)
    assert rows(text(browser("viewer"), f"?q={uuid7()}")) == []


def test_the_other_systems_id_is_found_too(browser, made):
    first, _ = made(2)
    Characteristic.objects.filter(pk=first.pk).update(external_id="crm-7")
    assert rows(text(browser("viewer"), "?q=crm-7")) == [first.name]
    assert rows(text(browser("viewer"), "?q=crm")) == []
