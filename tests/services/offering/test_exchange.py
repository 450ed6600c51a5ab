"""Offerings, categories, catalogs and synonyms as files."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection, transaction

from apps.core.actor import SYSTEM
from apps.exchange import rows
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.actions.synonym_set_create import synonym_set_create
from catalog_services.offering.kinds import CATALOG, CATEGORY, OFFERING, SYNONYM_SET
from catalog_services.offering.models import Category, Offering
from tests.services.offering.factories import (
    COLOUR,
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
    price,
    specification,
)
from tests.support.exchange import (
    comes_back_unchanged,
    errors,
    exported,
    imported,
    outcomes,
    previewed,
    undone,
)

pytestmark = pytest.mark.django_db
FORMATS = pytest.mark.parametrize("format", ["csv", "xlsx", "json"])


def states(kind):
    return lambda: [kind.state(row) for row in kind.rows().order_by("pk")]


@FORMATS
def test_offerings_come_back_unchanged_also_the_published_ones(format):
    member = CompleteOfferingFactory(name="Twin")
    OfferingFactory(name="Twin", sales_channels=["web", "[shop"], market_segments=["two\nlines"])
    broadband, below = CategoryFactory(name="Same"), CategoryFactory(name="Below")
    CategoryFactory(name="Same", parent_id=below.pk)
    OfferingFactory(
        name="Bundle",
        is_bundle=True,
        bundled_offerings=[{"id": str(member.pk), "min": 0, "max": 3, "default": 2}],
        category_ids=[broadband.pk, below.pk],
        catalog_ids=[CatalogFactory().pk],
        specification_ids=[specification().aggregate_id],
        pricing_ids=[price(name="=fee").aggregate_id],
        characteristic_values=[{"characteristic_id": COLOUR, "value": "red"}],
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )
    Offering.objects.filter(pk=member.pk).update(lifecycle_status="PUBLISHED")
    comes_back_unchanged("offering.offering", format, states(OFFERING))


@FORMATS
def test_categories_come_back_unchanged(format):
    root = CategoryFactory(name="Same")
    CategoryFactory(name="Same", parent_id=root.pk)
    CategoryFactory(name="Below", parent_id=CategoryFactory(name="=above").pk, description="a\r\nb")
    comes_back_unchanged("offering.category", format, states(CATEGORY))


@FORMATS
def test_catalogs_come_back_unchanged(format):
    CatalogFactory(), CatalogFactory(valid_to=datetime(2027, 1, 1, 12, 30, 1, 5, tzinfo=UTC), external_id="x")
    comes_back_unchanged("offering.catalog", format, states(CATALOG))


@FORMATS
def test_synonyms_come_back_unchanged(format):
    for terms in (["tv", "television"], ["-tv", "=television", "a, b"], ["tv", "television"]):
        synonym_set_create(actor=SYSTEM, fields={"terms": terms})
    comes_back_unchanged("offering.synonymset", format, states(SYNONYM_SET))


def test_a_file_may_hold_a_whole_tree_its_parents_above_their_children(neighbours):
    rows = b"name,parent_id\nHome,\nInternet,Home\nFibre,Internet\nCable,Nowhere\n"
    job = previewed("offering.category", rows, "tree.csv")
    assert outcomes(job) == ["create", "create", "create", "refused"]
    assert errors(job) == [["parent_id", "There is no category called Nowhere."]]
    assert not Category.objects.exists()
    imported(job, only_fine=True)
    assert Category.objects.get(name="Fibre").parent.parent.name == "Home"
    job = undone(job)
    assert not Category.objects.exists()


def test_two_of_a_name_below_different_parents_of_the_same_file_are_two_and_below_one_the_same():
    rows = b"name,parent_id\nMobile,\nInternet,\nTariffs,Mobile\nTariffs,Internet\nTariffs, Mobile\n"
    job = previewed("offering.category", rows, "tree.csv")
    assert (outcomes(job), errors(job)) == ([*["create"] * 4, "refused"], [["", "Row 4 says the same one."]])
    imported(job, only_fine=True)
    tariffs = Category.objects.filter(name="Tariffs").order_by("parent__name")
    assert [row.parent.name for row in tariffs] == ["Internet", "Mobile"]


def test_what_is_there_may_move_below_what_the_file_creates():
    CategoryFactory(name="Fibre")
    rows = b"id,name,parent_id\n,Home,\n"
    moved = f"{Category.objects.get().pk},Fibre,Home\n".encode()
    job = previewed("offering.category", rows + moved, "tree.csv")
    assert outcomes(job) == ["create", "update"]
    assert job.rows.last().changes == [["parent_id", "", "Home"]]
    imported(job)
    assert Category.objects.get(name="Fibre").parent.name == "Home"


def test_a_bundle_may_have_members_of_the_same_file_and_offerings_their_parts_by_name():
    line, fee = specification(name="Line"), price(name="Fee")
    job = imported(
        previewed(
            "offering.offering",
            [
                {"name": "Fibre", "specification_ids": ["Line"], "pricing_ids": ["Fee"]},
                {"name": "Bundle", "is_bundle": True, "bundled_offerings": [{"name": "Fibre", "max": 2}]},
            ],
        )
    )
    assert outcomes(job) == ["create", "create"]
    fibre, bundle = Offering.objects.get(name="Fibre"), Offering.objects.get(name="Bundle")
    assert (fibre.specification_ids, fibre.pricing_ids) == ([line.aggregate_id], [fee.aggregate_id])
    assert bundle.bundled_offerings == [{"id": str(fibre.pk), "min": 1, "max": 2, "default": 1}]


@pytest.mark.parametrize(
    ("column", "noun"),
    [
        ("pricing_ids", "price"),
        ("specification_ids", "specification"),
        ("category_ids", "category"),
        ("catalog_ids", "catalog"),
    ],
)
def test_an_offering_further_up_in_the_file_is_no_price_or_category_of_that_name(column, noun):
    job = previewed("offering.offering", [{"name": "Fibre 500"}, {"name": "Bundle", column: ["Fibre 500"]}])
    assert (outcomes(job), errors(job)) == (
        ["create", "refused"],
        [[column, f"There is no {noun} called Fibre 500."]],
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("model", "factory"), [("offering", OfferingFactory), ("category", CategoryFactory)])
def test_an_import_holds_no_row_when_it_waits_for_the_lock_of_the_next_ones_rule(model, factory, monkeypatch):
    """Who has that lock may be waiting for the row."""
    first, second = factory(), factory()
    free: list[object] = []
    carry_out = rows.carry_out

    def look_first(*of):
        if of[-1].number == max(row.number for row in of[1].rows.all()):
            look = threading.Thread(target=lambda: free.append(is_free(type(first), first.pk)))
            look.start()
            look.join()
        carry_out(*of)

    monkeypatch.setattr(rows, "carry_out", look_first)
    named = [{"id": str(row.pk), "description": "imported"} for row in (first, second)]
    imported(previewed(f"offering.{model}", named))
    assert free == [True]


def is_free(model, id_) -> bool:
    try:
        with transaction.atomic():
            return model.objects.select_for_update(nowait=True).filter(pk=id_).exists()
    except OperationalError:
        return False
    finally:
        connection.close()


def test_a_published_offering_is_read_only_and_the_other_rows_go_on():
    published = OfferingFactory(name="Published")
    Offering.objects.update(lifecycle_status="PUBLISHED")
    draft = OfferingFactory(name="Draft")
    job = previewed(
        "offering.offering",
        [
            {"name": "Published", "description": "new"},
            {"name": "Draft", "description": "new"},
            {"id": str(draft.pk), "lifecycle_status": "PUBLISHED"},
        ],
    )
    assert outcomes(job) == ["refused", "update", "refused"]
    assert errors(job) == [
        ["", "A published offering does not change; retire it or make a new draft."],
        ["lifecycle_status", "Cannot be imported: it is not changed by hand."],
    ]
    imported(job, only_fine=True)
    published.refresh_from_db()
    assert published.description == ""


@FORMATS
def test_a_retired_offering_and_what_is_sold_under_its_id_now_come_back_unchanged(format):
    retired = OfferingFactory(name="Old", external_id="PO-1")
    Offering.objects.filter(pk=retired.pk).update(lifecycle_status="RETIRED")
    OfferingFactory(name="New", external_id="PO-1")
    comes_back_unchanged("offering.offering", format, states(OFFERING))


def test_what_is_sold_under_the_id_of_a_retired_offering_is_changed_though_that_one_is_refused():
    retired = OfferingFactory(name="Old", external_id="PO-1")
    Offering.objects.filter(pk=retired.pk).update(lifecycle_status="RETIRED")
    successor = OfferingFactory(name="New", external_id="PO-1")
    job = previewed(
        "offering.offering",
        [{"id": str(row.pk), "external_id": "PO-1", "description": "edited"} for row in (retired, successor)],
    )
    assert (outcomes(job), errors(job)) == (
        ["refused", "update"],
        [["", "A retired offering does not change."]],
    )


def test_a_retired_offering_is_not_meant_by_its_name_or_its_id_in_the_other_system():
    retired = OfferingFactory(name="Line", external_id="PO-1")
    Offering.objects.filter(pk=retired.pk).update(lifecycle_status="RETIRED")
    anew = [{"name": "Line", "external_id": "PO-1", "description": "anew"}]
    job = imported(previewed("offering.offering", anew))
    assert outcomes(job) == ["create"]
    assert outcomes(previewed("offering.offering", [{"name": "Line", "description": "changed"}])) == [
        "update"
    ]
    assert outcomes(previewed("offering.offering", anew)) == ["unchanged"]


def test_a_name_that_several_offerings_have_says_nobody():
    twins = [offering_create(actor=SYSTEM, fields={"name": "Twin"}) for _ in range(2)]
    job = previewed(
        "offering.offering",
        [{"name": "Twin", "description": "x"}, {"id": str(twins[0].pk), "name": "Twin", "description": "x"}],
    )
    assert errors(job) == [["name", "More than one offering is called so: give the id."]]
    assert outcomes(job) == ["refused", "update"]


def test_an_undo_leaves_a_category_that_is_in_use_and_says_so():
    job = imported(previewed("offering.category", [{"name": "Home", "parent_id": None}]))
    CategoryFactory(name="Below", parent_id=Category.objects.get().pk)
    job = undone(job)
    assert job.rows.get().undo_note == "It has categories below it: Below."
    assert Category.objects.filter(name="Home").exists()


def test_an_export_names_what_it_refers_to():
    OfferingFactory(
        specification_ids=[specification(name="Line").aggregate_id], sales_channels=["web", "shop"]
    )
    content = exported("offering.offering", "csv").decode("utf-8-sig")
    assert ",Line," in content
    assert '"web\nshop"' in content


def test_an_undo_sets_back_lists_objects_and_moments():
    member = OfferingFactory(name="Line")
    row = OfferingFactory(
        name="Bundle",
        is_bundle=True,
        bundled_offerings=[{"id": str(member.pk), "min": 0, "max": 3, "default": 2}],
        sales_channels=["web", "shop"],
        category_ids=[CategoryFactory(name="Same").pk],
        valid_from=datetime(2026, 1, 1, 1, 2, 3, tzinfo=UTC),
    )
    before = OFFERING.state(row)
    change = {
        "bundled_offerings": [{"name": "Line", "min": 1, "max": 1, "default": 1}],
        "sales_channels": "web",
        "category_ids": "",
        "valid_from": "2027-01-01",
    }
    job = imported(previewed("offering.offering", [{"id": str(row.pk), **change}]))
    assert (outcomes(job), errors(job)) == (["update"], [])
    row.refresh_from_db()
    assert OFFERING.state(row) != before
    assert [line.undo_note for line in undone(job).rows.all()] == [""]
    row.refresh_from_db()
    ignored = {"version", "updated_at"}
    after = OFFERING.state(row)
    assert {n: v for n, v in after.items() if n not in ignored} == {
        n: v for n, v in before.items() if n not in ignored
    }
