"""Asking for a publication: what is needed, who may, and that only one runs."""

from __future__ import annotations

import threading

import pytest

from apps.core.errors import ValidationFailed
from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from catalog_services.offering.actions.offering_publish import _check_members
from catalog_services.offering.models import Offering, Publication
from tests.services.offering.factories import CompleteOfferingFactory, OfferingFactory, price
from tests.support.hostile_tokens import HostileTokens

pytestmark = pytest.mark.django_db
URL = "/api/v1/offerings"


class TestHostileTokens(HostileTokens):
    path = "/api/v1/publications"


@pytest.fixture
def manager(api):
    return api("manager", username="mona")


def publish(client, row, **headers):
    return client.post(f"{URL}/{row.pk}/publish", **headers)


def test_publishing_is_accepted_and_says_where_to_follow_it(manager):
    row = CompleteOfferingFactory()
    response = publish(manager, row, HTTP_X_CORRELATION_ID="click-7")
    assert response.status_code == 202, response.json()
    body = response.json()
    assert body["lifecycle_status"] == "PUBLISHING"
    assert response["Location"] == f"/api/v1/publications/{body['publication_id']}"
    publication = manager.get(response["Location"]).json()
    assert publication["state"] == "REQUESTED"
    assert publication["offering_id"] == str(row.pk)
    assert publication["requested_by"] == "mona"
    assert publication["correlation_id"] == "click-7"
    assert (publication["steps"], publication["failure"]) == ([], None)


def test_the_request_is_an_event_in_the_transaction_of_the_change(manager):
    row = CompleteOfferingFactory()
    publish(manager, row)
    updated, requested = OutboxEvent.objects.order_by("id")[1:]
    assert updated.envelope["data"]["lifecycle_status"] == "PUBLISHING"
    assert requested.type == "catalog.offering.PublicationRequested.v1"
    assert requested.envelope["data"]["pricing_ids"] == [str(row.pricing_ids[0])]
    assert {d.subscriber for d in requested.deliveries.all()} == {"offering", "store"}
    assert updated.correlation_id == requested.correlation_id == Publication.objects.get().correlation_id


@pytest.mark.parametrize("field", ["specification_ids", "pricing_ids", "sales_channels"])
def test_what_is_missing_is_named(manager, field):
    row = CompleteOfferingFactory(**{field: []})
    response = publish(manager, row)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not Publication.objects.exists()


def test_everything_missing_is_named_at_once(manager):
    response = publish(manager, OfferingFactory())
    assert set(response.json()["errors"]) == {"specification_ids", "pricing_ids", "sales_channels"}


def test_a_price_deleted_meanwhile_is_named(manager, neighbours):
    row = CompleteOfferingFactory()
    from apps.references.models import Reference

    Reference.objects.filter(aggregate_id=row.pricing_ids[0]).update(deleted=True)
    neighbours.answers("pricing", f"/api/v1/prices/{row.pricing_ids[0]}", {}, status=404)
    response = publish(manager, row)
    assert response.status_code == 400
    assert str(row.pricing_ids[0]) in response.json()["errors"]["pricing_ids"][0]


def test_a_second_publish_while_one_runs_is_a_conflict_that_names_it(manager):
    row = CompleteOfferingFactory()
    first = publish(manager, row).json()
    response = publish(manager, row)
    assert response.status_code == 409
    assert response.json()["publication_id"] == first["publication_id"]


@pytest.mark.parametrize("status", ["PUBLISHED", "RETIRED"])
def test_only_a_draft_is_published(manager, status):
    row = CompleteOfferingFactory()
    Offering.objects.update(lifecycle_status=status)
    assert publish(manager, row).status_code == 409


def test_publishing_what_somebody_changed_meanwhile_is_refused(manager):
    row = CompleteOfferingFactory()
    assert publish(manager, row, HTTP_IF_MATCH='"7"').status_code == 412


def test_an_offering_being_published_cannot_be_changed_or_deleted(manager):
    row = CompleteOfferingFactory()
    publish(manager, row)
    assert manager.patch(f"{URL}/{row.pk}", {"name": "x"}).status_code == 409
    assert manager.delete(f"{URL}/{row.pk}").status_code == 409


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("service", 403), (None, 401), ("admin", 202)])
def test_who_may_publish(api, role, status):
    assert publish(api(role), CompleteOfferingFactory()).status_code == status


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_publishes_one_wins_and_the_other_is_a_conflict(api):
    from django.db import connections

    row = CompleteOfferingFactory()
    start, codes = threading.Barrier(2), []

    def go() -> None:
        start.wait()
        codes.append(publish(api("manager"), row).status_code)
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [202, 409]
    assert Publication.objects.count() == 1


def bundle(*members, **fields):
    return OfferingFactory(
        is_bundle=True,
        bundled_offerings=[{"id": str(m.pk)} for m in members],
        pricing_ids=[price().aggregate_id],
        sales_channels=["web"],
        **fields,
    )


def test_a_bundle_needs_published_members_and_no_specification(manager):
    member = CompleteOfferingFactory(name="Router")
    duo = bundle(member)
    response = publish(manager, duo)
    assert response.status_code == 400
    assert "Router (DRAFT)" in response.json()["errors"]["bundled_offerings"][0]
    Offering.objects.filter(pk=member.pk).update(lifecycle_status="PUBLISHED")
    assert publish(manager, duo).status_code == 202


def test_a_bundle_with_a_member_that_is_gone_is_not_published():
    """However it came to be: its references are looked at before its row is locked."""
    gone = str(uuid7())
    with pytest.raises(ValidationFailed, match=gone) as refused:
        _check_members(Offering(is_bundle=True, bundled_offerings=[{"id": gone}]))
    assert set(refused.value.errors) == {"bundled_offerings"}


def test_a_bundle_without_members_is_not_complete(manager):
    assert "bundled_offerings" in publish(manager, bundle()).json()["errors"]


def test_a_member_cannot_retire_while_its_bundle_is_being_published(manager):
    member = CompleteOfferingFactory()
    duo = bundle(member, name="Duo")
    Offering.objects.filter(pk=member.pk).update(lifecycle_status="PUBLISHED")
    publish(manager, duo)
    response = manager.post(f"{URL}/{member.pk}/retire")
    assert response.status_code == 409
    assert response.json()["used_by"][0]["name"] == "Duo"


def test_the_attempts_of_an_offering_are_listed_latest_first(manager):
    row = CompleteOfferingFactory()
    first = publish(manager, row).json()["publication_id"]
    manager.post(f"/api/v1/publications/{first}/cancel")
    second = publish(manager, row).json()["publication_id"]
    response = manager.get(f"{URL}/{row.pk}/publications")
    assert [one["id"] for one in response.json()] == [second, first]
    assert response["X-Total-Count"] == "2"
    assert [one["id"] for one in manager.get("/api/v1/publications?state=FAILED").json()] == [first]
    assert manager.get("/api/v1/publications?status=FAILED").status_code == 400
    assert manager.get(f"{URL}/{first}/publications").status_code == 404
    assert manager.get(f"/api/v1/publications/{row.pk}").status_code == 404
