from __future__ import annotations

import pytest

from apps.core.actor import SYSTEM
from catalog_services.offering.actions.offering_update import offering_update
from tests.services.offering.factories import (
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
)
from tests.support.event_schemas import check_recorded_events

pytestmark = pytest.mark.django_db


def test_events_carry_what_their_schema_says():
    category = CategoryFactory(parent_id=CategoryFactory().pk)
    member = CompleteOfferingFactory(category_ids=[category.pk], catalog_ids=[CatalogFactory().pk])
    OfferingFactory(is_bundle=True, bundled_offerings=[{"id": str(member.pk), "max": 3}])
    offering_update(actor=SYSTEM, id=member.pk, fields={"description": "new"})
    assert check_recorded_events() == {
        "catalog.offering.CategoryCreated.v1",
        "catalog.offering.CatalogCreated.v1",
        "catalog.offering.OfferingCreated.v1",
        "catalog.offering.OfferingUpdated.v1",
    }
