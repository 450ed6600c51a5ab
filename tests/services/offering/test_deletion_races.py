"""What is deleted or retired while something is put into it: one is refused, and nothing refers to what is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from apps.core.actor import SYSTEM
from apps.core.errors import Conflict, SuiteError, ValidationFailed
from apps.core.writes import lock
from catalog_services.offering.actions.catalog_delete import catalog_delete
from catalog_services.offering.actions.category_create import category_create
from catalog_services.offering.actions.category_delete import category_delete
from catalog_services.offering.actions.category_update import category_update
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.actions.offering_delete import offering_delete
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.models import Offering
from tests.services.offering.factories import (
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
)
from tests.services.offering.schedules import bundle_of, fresh, published
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)
ENOUGH_SECONDS = 0.5
"""For the second to come as far as it can before the first is done."""


def after(
    first: Callable[[], object], second: Callable[[], object], then: Callable[[], object] = lambda: None
) -> SuiteError | None:
    """How ``second``, which begins when ``first`` is done but not committed, is refused; ``then`` is done before the
    commit, too."""
    refusals: list[Any] = []

    def run() -> None:
        try:
            second()
        except Exception as error:  # told by the test
            refusals.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        time.sleep(ENOUGH_SECONDS)
        then()
    thread.join(20)
    assert not thread.is_alive()
    return refusals[0] if refusals else None


def cases() -> dict[str, tuple[Any, Any, Callable[[Any], object], str]]:
    """What is deleted, how, what is put into it, and by which field."""

    def write(action: Callable[..., object], **more: Any) -> Callable[..., Callable[[], object]]:
        return lambda fields: lambda: action(actor=SYSTEM, fields=fields, **more)

    return {
        "a child": (
            CategoryFactory,
            category_delete,
            lambda row: write(category_create)({"name": "Fibre", "parent_id": row.pk}),
            "parent_id",
        ),
        "a child that moves": (
            CategoryFactory,
            category_delete,
            lambda row: write(category_update, id=CategoryFactory().pk)({"parent_id": row.pk}),
            "parent_id",
        ),
        "an offering of a category": (
            CategoryFactory,
            category_delete,
            lambda row: write(offering_create)({"name": "Fibre", "category_ids": [row.pk]}),
            "category_ids",
        ),
        "an offering that is changed": (
            CategoryFactory,
            category_delete,
            lambda row: write(offering_update, id=OfferingFactory().pk)({"category_ids": [row.pk]}),
            "category_ids",
        ),
        "an offering of a catalog": (
            CatalogFactory,
            catalog_delete,
            lambda row: write(offering_create)({"name": "Fibre", "catalog_ids": [row.pk]}),
            "catalog_ids",
        ),
        "a bundle of a draft": (
            OfferingFactory,
            offering_delete,
            lambda row: write(offering_create)(
                {"name": "Duo", "is_bundle": True, "bundled_offerings": [{"id": row.pk}]}
            ),
            "bundled_offerings",
        ),
        "a bundle that gets a draft": (
            OfferingFactory,
            offering_delete,
            lambda row: write(offering_update, id=OfferingFactory(is_bundle=True).pk)(
                {"bundled_offerings": [{"id": row.pk}]}
            ),
            "bundled_offerings",
        ),
    }


@pytest.mark.parametrize("case", cases())
def test_nothing_is_put_into_what_is_just_deleted(case: str) -> None:
    factory, delete, put, field = cases()[case]
    row = factory()
    refusal = after(lambda: delete(actor=SYSTEM, id=row.pk), put(row))
    assert isinstance(refusal, ValidationFailed), refusal
    assert set(refusal.errors) == {field}


@pytest.mark.parametrize("case", cases())
def test_what_something_is_just_put_into_is_not_deleted(case: str) -> None:
    factory, delete, put, _field = cases()[case]
    row = factory()
    refusal = after(put(row), lambda: delete(actor=SYSTEM, id=row.pk))
    assert isinstance(refusal, Conflict), refusal
    assert type(row).objects.filter(pk=row.pk).exists()


def test_two_categories_that_move_below_each_other_do_not_wait_in_a_circle() -> None:
    one, other = CategoryFactory(), CategoryFactory()
    refusal = after(
        lambda: category_update(actor=SYSTEM, id=one.pk, fields={"parent_id": other.pk}),
        lambda: category_update(actor=SYSTEM, id=other.pk, fields={"parent_id": one.pk}),
    )
    assert isinstance(refusal, ValidationFailed), refusal
    assert "below itself" in refusal.detail


@pytest.mark.parametrize("through", ["nothing", "other bundles"])
def test_two_bundles_that_become_members_of_each_other_close_no_circle(through: str) -> None:
    one, other = OfferingFactory(is_bundle=True), OfferingFactory(is_bundle=True)
    above = [row if through == "nothing" else bundle_of(row) for row in (one, other)]

    def put(member: Offering, into: Offering) -> Callable[[], object]:
        fields = {"bundled_offerings": [{"id": member.pk}]}
        return lambda: offering_update(actor=SYSTEM, id=into.pk, fields=fields)

    refusal = after(put(above[1], one), put(above[0], other))
    assert isinstance(refusal, ValidationFailed), refusal
    assert "member of itself" in refusal.detail
    assert [len(fresh(row).bundled_offerings) for row in (one, other)] == [1, 0]


def test_a_bundle_that_gets_a_member_and_the_member_s_publication_do_not_wait_in_a_circle() -> None:
    """The bundle holds what both have, and waits for the member; that one's publication asks for what both have."""
    shared = published(CompleteOfferingFactory())
    inner, outer = bundle_of(shared), OfferingFactory(is_bundle=True)
    members = [{"id": row.pk} for row in (shared, inner)]

    refusal = after(
        lambda: lock(Offering, inner.pk, expected_version=None),
        lambda: offering_update(actor=SYSTEM, id=outer.pk, fields={"bundled_offerings": members}),
        then=lambda: offering_publish(actor=SYSTEM, id=inner.pk),
    )
    assert refusal is None
    assert (fresh(inner).lifecycle_status, len(fresh(outer).bundled_offerings)) == ("PUBLISHING", 2)


def test_what_gets_no_new_member_waits_for_no_bundle() -> None:
    one, other = OfferingFactory(is_bundle=True), bundle_of(OfferingFactory())
    refusal = after(
        lambda: offering_update(
            actor=SYSTEM, id=one.pk, fields={"bundled_offerings": [{"id": OfferingFactory().pk}]}
        ),
        lambda: offering_update(
            actor=SYSTEM,
            id=other.pk,
            fields={"name": "Duo", "bundled_offerings": [{**other.bundled_offerings[0], "max": 2}]},
        ),
        then=lambda: eventually(lambda: fresh(other).name == "Duo", why="it waits for the bundle"),
    )
    assert refusal is None


def test_no_bundle_is_published_with_a_member_that_is_just_retired() -> None:
    member = published(CompleteOfferingFactory())
    bundle = bundle_of(member)

    def publish() -> object:
        return offering_publish(actor=SYSTEM, id=bundle.pk)

    def retire() -> object:
        return offering_retire(actor=SYSTEM, id=member.pk)

    assert isinstance(after(publish, retire), Conflict)
    assert (fresh(bundle).lifecycle_status, fresh(member).lifecycle_status) == ("PUBLISHING", "PUBLISHED")
    type(bundle).objects.filter(pk=bundle.pk).update(lifecycle_status="DRAFT")
    assert isinstance(after(retire, publish), ValidationFailed)
    assert (fresh(bundle).lifecycle_status, fresh(member).lifecycle_status) == ("DRAFT", "RETIRED")
