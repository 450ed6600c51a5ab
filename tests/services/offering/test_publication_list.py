"""Publications over REST, as the front page and the one search ask for them."""

from __future__ import annotations

import pytest

from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.models import Offering, Publication
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import CompleteOfferingFactory
from tests.services.offering.schedules import schedule

pytestmark = pytest.mark.django_db
URL = "/api/v1/publications"


def published(name: str, state: str, *, code: str = "conflict", status: str = "DRAFT") -> Publication:
    """A publication that came to ``state``, and its offering to ``status``."""
    offering = offering_publish(actor=MONA, id=CompleteOfferingFactory(name=name).pk)
    Offering.objects.filter(pk=offering.pk).update(lifecycle_status=status)
    failure = {"code": code, "message": "The price is gone.", "step": ""}
    Publication.objects.filter(pk=offering.publication_id).update(state=state, failure=failure)
    return Publication.objects.get(pk=offering.publication_id)


def names(answer) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["offering_name"] for row in answer.json()}


def test_those_that_failed_and_that_nothing_has_come_of_since_are_found(api):
    failed = published("Failed", "FAILED")
    published("Stuck", "UNDO_FAILED", status="PUBLISHING")
    published("Cancelled", "FAILED", code="cancelled")
    published("Through later", "FAILED", status="PUBLISHED")
    published("Through", "DONE", status="PUBLISHED")
    published("Running", "RUNNING", status="PUBLISHING")
    again = published("Tried again", "FAILED")
    offering_publish(actor=MONA, id=again.offering_id)
    client = api("viewer")
    assert names(client.get(URL, {"unresolved": "true"})) == {"Failed", "Stuck"}
    rest = {"Cancelled", "Through later", "Through", "Running", "Tried again"}
    assert names(client.get(URL, {"unresolved": "false"})) == rest
    assert client.get(URL, {"unresolved": "maybe"}).status_code == 400
    Publication.objects.filter(pk=failed.pk).update(failure=None)
    assert "Failed" in names(client.get(URL, {"unresolved": "true"}))


@pytest.mark.parametrize("path", [URL, "/api/v1/scheduled-changes"])
def test_they_are_found_by_the_name_of_their_offering(api, path):
    for name in ("Fibre 500", "Mobile"):
        offering = CompleteOfferingFactory(name=name)
        schedule(offering, "PUBLISH")
        offering_publish(actor=MONA, id=offering.pk)
    assert names(api("viewer").get(path, {"search": "fibre"})) == {"Fibre 500"}


def test_a_list_asks_once_for_all_the_names(api, django_assert_max_num_queries):
    for number in range(5):
        published(f"Fibre {number}", "DONE", status="PUBLISHED")
    client = api("viewer")
    client.get(URL)
    with django_assert_max_num_queries(4):
        assert len(names(client.get(URL))) == 5
