"""Lists of offerings: searched, walked and edited several at once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.admin_lists import keyset
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.models import Catalog, Category, Offering, Publication
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import (
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
    price,
)
from tests.support.admin import plan_of_a_search
from tests.support.bulk import choose, look, press, table

pytestmark = pytest.mark.django_db
URL = "/admin/offering/offering/offering/"
PUBLICATIONS = "/admin/offering/offering/publication/"


def channels() -> list[list[str]]:
    return list(Offering.objects.order_by("name").values_list("sales_channels", flat=True))


def test_a_channel_is_added_to_several_and_taken_away_again(browser):
    rows = [
        OfferingFactory(name="A", sales_channels=["web"]),
        OfferingFactory(name="B", sales_channels=["shop", "web"]),
    ]
    client = browser("manager")
    page = look(client, choose(client, URL, rows), "sales_channels", way="add", value=["shop"])
    assert table(page, "changed") == [["A", "web", "web, shop"]]
    press(client, page, "Change these 1")
    assert channels() == [["web", "shop"], ["shop", "web"]]
    page = look(client, choose(client, URL, rows), "sales_channels", way="remove", value=["web"])
    press(client, page, "Change these 2")
    assert channels() == [["shop"], ["shop"]]


def test_references_are_shown_by_their_names_and_asked_for_once(browser):
    cost = price(name="Line fee")
    rows = [OfferingFactory() for _ in range(8)]
    client = browser("manager")
    page = choose(client, URL, rows)
    look(client, page, "pricing_ids", way="add", value=[str(cost.aggregate_id)])
    with CaptureQueriesContext(connection) as few:
        look(client, choose(client, URL, rows[:2]), "pricing_ids", way="add", value=[str(cost.aggregate_id)])
    with CaptureQueriesContext(connection) as many:
        page = look(client, page, "pricing_ids", way="add", value=[str(cost.aggregate_id)])
    assert {after.startswith("Line fee") for _name, _before, after in table(page, "changed")} == {True}
    named = [sum('"aggregate_id" IN' in one["sql"] for one in queries) for queries in (few, many)]
    assert named[1] - named[0] == 6, "one to check each further offering, none to show it"


def test_what_is_no_draft_is_refused_with_the_reason(browser):
    row = CompleteOfferingFactory(name="Running")
    offering_publish(actor=MONA, id=row.pk)
    client = browser("manager")
    page = look(client, choose(client, URL, [row]), "sales_channels", way="add", value=["shop"])
    ((name, reason),) = table(page, "refused")
    assert name == "Running"
    assert "A publication is running" in reason
    assert "Change these" not in page


def test_a_category_gets_another_parent_and_keeps_it_when_described(browser):
    top, child = CategoryFactory(name="Top"), CategoryFactory(name="Child")
    url = "/admin/offering/offering/category/"
    client = browser("manager")
    press(client, look(client, choose(client, url, [child]), "parent", value=str(top.pk)), "Change these 1")
    press(client, look(client, choose(client, url, [child]), "description", value="Below"), "Change these 1")
    child.refresh_from_db()
    assert (child.parent_id, child.description) == (top.pk, "Below")


def test_an_order_by_a_relation_that_may_be_empty_is_walked_as_any_other():
    tops = [CategoryFactory(name=name) for name in ("Zeta", "Alpha")]
    for number in range(3):
        CategoryFactory(name=f"Child {number}", parent_id=tops[number % 2].pk)
    for order in (("parent", "-pk"), ("-parent", "-pk")):
        ordered = Category.objects.select_related("parent").order_by(*order)
        keys, everything = keyset.keys_of(ordered), list(ordered)
        for index, row in enumerate(everything):
            values = keyset.read(keys, keyset.written(keys, row))
            assert list(ordered.filter(keyset.after(keys, values))) == everything[index + 1 :]
            assert list(ordered.filter(keyset.before(keys, values))) == everything[:index]


def test_a_publication_is_found_by_its_ids_without_reading_all(browser):
    offering = CompleteOfferingFactory(name="Fibre 500")
    offering_publish(actor=MONA, id=offering.pk)
    offering_publish(actor=MONA, id=CompleteOfferingFactory(name="Other").pk)
    publication = Publication.objects.get(offering=offering)
    client = browser("viewer")
    for term in (publication.pk, offering.pk, publication.correlation_id, "bre 500"):
        page = client.get(PUBLICATIONS, {"q": term}).content.decode()
        assert str(publication.pk) in page
        assert page.count('class="data-row') >= 1
    with CaptureQueriesContext(connection) as queries:
        client.get(PUBLICATIONS, {"q": str(publication.pk)})
    assert "LIKE" not in " ".join(one["sql"] for one in queries)


@pytest.mark.parametrize("model", [Offering, Category, Catalog])
def test_a_search_of_each_list_has_its_index(model):
    assert f"{model._meta.model_name}_search" in plan_of_a_search(model, "bre 5")


def test_the_list_of_publications_begins_with_the_latest_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "publication_latest" in Publication.objects.all()[:50].explain()
