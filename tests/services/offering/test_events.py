from __future__ import annotations

import pytest

from apps.core.actor import SYSTEM
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_claim import publication_claim
from catalog_services.offering.actions.synonym_set_create import synonym_set_create
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


def test_the_events_of_a_publication_carry_what_their_schema_says():
    first = offering_publish(actor=SYSTEM, id=CompleteOfferingFactory().pk)
    publication_cancel(actor=SYSTEM, id=first.publication_id)
    second = offering_publish(actor=SYSTEM, id=first.pk)
    publication_claim(id=second.publication_id, process_id="p")
    publication_cancel(actor=SYSTEM, id=second.publication_id)
    synonym_set_create(actor=SYSTEM, fields={"terms": ["wifi", "wlan"]})
    assert check_recorded_events() >= {
        "catalog.offering.PublicationRequested.v1",
        "catalog.offering.PublicationCancelled.v1",
        "catalog.offering.PublicationFailed.v1",
        "catalog.offering.SynonymSetCreated.v1",
    }
