"""Publish at, retire at: what may be scheduled, by whom, and what becomes of it over REST."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.core import clock
from apps.core.ids import uuid7
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.models import Offering, Publication, ScheduledChange
from tests.services.offering.conftest import MONA, events
from tests.services.offering.factories import CompleteOfferingFactory, OfferingFactory
from tests.services.offering.schedules import NOW, after, confirm, fresh, published, schedule, tick
from tests.support.event_schemas import check_recorded_events
from tests.support.hostile_tokens import HostileTokens

pytestmark = pytest.mark.django_db
URL = "/api/v1/scheduled-changes"


class TestHostileTokens(HostileTokens):
    path = URL


@pytest.fixture
def manager(api):
    return api("manager", username="mona")


def ask(client, offering: Offering, kind: str, at: datetime, **headers):
    with clock.pinned(NOW):
        return client.post(
            f"/api/v1/offerings/{offering.pk}/schedule", {"kind": kind, "at": clock.iso(at)}, **headers
        )


def test_a_publication_is_scheduled_and_says_where_it_is_followed(manager):
    offering = CompleteOfferingFactory(name="Fibre 500")
    response = ask(manager, offering, "PUBLISH", after(hours=1), HTTP_X_CORRELATION_ID="click-7")
    assert response.status_code == 201, response.json()
    body = response.json()
    assert body == manager.get(response["Location"]).json()
    assert (body["state"], body["at"], body["offering_name"]) == (
        "PENDING",
        "2030-05-01T10:00:00Z",
        "Fibre 500",
    )
    assert (body["scheduled_by"], body["correlation_id"]) == ("mona", "click-7")
    assert fresh(offering).version == 1, "what is scheduled does not change the offering"
    (told,) = events("ScheduledChangeRequested")
    assert told["data"] == body


@pytest.mark.parametrize("at", [NOW, after(seconds=-1), after(days=-400)])
def test_a_moment_that_is_not_in_the_future_is_refused_at_its_field(manager, at):
    response = ask(manager, CompleteOfferingFactory(), "PUBLISH", at)
    assert response.status_code == 400
    assert "Must be in the future; it is 2030-05-01 09:00:00 UTC now." in response.json()["errors"]["at"][0]
    assert not ScheduledChange.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "PUBLISH"},
        {"kind": "EXPLODE", "at": "2031-01-01T00:00:00Z"},
        {"kind": "PUBLISH", "at": "soon"},
        {"kind": "PUBLISH", "at": "2031-01-01T00:00:00Z", "by": "me"},
        {"kind": "PUBLISH", "at": "9999-12-31T23:59:59-23:59"},
    ],
)
def test_what_is_no_schedule_is_refused(manager, body):
    response = manager.post(f"/api/v1/offerings/{CompleteOfferingFactory().pk}/schedule", body)
    assert response.status_code == 400, response.content
    assert not ScheduledChange.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("service", 403), (None, 401), ("manager", 201), ("admin", 201)]
)
def test_who_may_schedule(api, role, status):
    assert ask(api(role), CompleteOfferingFactory(), "PUBLISH", after(hours=1)).status_code == status


@pytest.mark.parametrize("act", ["cancel", "retry"])
def test_a_viewer_sees_what_is_scheduled_and_may_do_nothing_to_it(api, act):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    viewer = api("viewer")
    assert viewer.get(f"{URL}/{row.pk}").json()["state"] == "PENDING"
    assert viewer.post(f"{URL}/{row.pk}/{act}").status_code == 403


def test_what_is_not_there_is_not_found(manager):
    gone = Offering(id=uuid7())
    assert ask(manager, gone, "PUBLISH", after(hours=1)).status_code == 404
    assert manager.post(f"{URL}/{gone.pk}/cancel").status_code == 404
    assert manager.post(f"{URL}/{gone.pk}/retry").status_code == 404


def test_what_somebody_changed_meanwhile_is_not_scheduled(manager):
    response = ask(manager, CompleteOfferingFactory(), "PUBLISH", after(hours=1), HTTP_IF_MATCH='"7"')
    assert response.status_code == 412


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("DRAFT", "RETIRE"),
        ("PUBLISHING", "PUBLISH"),
        ("PUBLISHED", "PUBLISH"),
        ("RETIRED", "PUBLISH"),
        ("RETIRED", "RETIRE"),
    ],
)
def test_an_offerings_life_says_what_may_be_scheduled(manager, status, kind):
    offering = CompleteOfferingFactory()
    Offering.objects.update(lifecycle_status=status)
    response = ask(manager, offering, kind, after(hours=1))
    assert (response.status_code, response.json()["lifecycle_status"]) == (409, status)


def test_one_change_of_each_kind_waits_at_a_time(manager):
    offering = CompleteOfferingFactory()
    ask(manager, offering, "PUBLISH", after(hours=1))
    response = ask(manager, offering, "PUBLISH", after(hours=2))
    assert response.status_code == 409
    assert "to be published at 2030-05-01 10:00:00 UTC already" in response.json()["detail"]


def test_a_retirement_comes_after_its_publication_whichever_is_scheduled_first(manager):
    offering = CompleteOfferingFactory()
    first = ask(manager, offering, "PUBLISH", after(hours=2)).json()
    response = ask(manager, offering, "RETIRE", after(hours=2))
    assert "Must be after its publication" in response.json()["errors"]["at"][0]
    assert ask(manager, offering, "RETIRE", after(hours=3)).status_code == 201
    manager.post(f"{URL}/{first['id']}/cancel")
    response = ask(manager, offering, "PUBLISH", after(hours=3))
    assert "Must be before its retirement" in response.json()["errors"]["at"][0]
    assert ask(manager, offering, "PUBLISH", after(hours=1)).status_code == 201


def test_what_is_cancelled_is_not_carried_out(manager):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    for _ in range(2):
        body = manager.post(f"{URL}/{row.pk}/cancel").json()
        assert (body["state"], body["reason"]) == ("CANCELLED", "Cancelled by mona.")
    tick(after(hours=2))
    assert not Publication.objects.exists()
    assert len(events("ScheduledChangeCancelled")) == 1


def test_what_is_carried_out_is_not_cancelled(manager):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    tick(after(hours=1))
    response = manager.post(f"{URL}/{row.pk}/cancel")
    assert (response.status_code, response.json()["state"]) == (409, "CARRIED_OUT")
    assert response.json()["detail"] == "It is carried out already: it cannot be cancelled any more."


def test_only_what_failed_is_tried_again(manager):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    assert manager.post(f"{URL}/{row.pk}/retry").status_code == 409
    assert fresh(row).state == "PENDING"


def test_the_list_is_by_moment_and_can_be_narrowed(manager):
    late = schedule(CompleteOfferingFactory(), "PUBLISH", after(days=2))
    soon = schedule(CompleteOfferingFactory(), "PUBLISH", after(days=1))
    retired = schedule(published(CompleteOfferingFactory()), "RETIRE", after(days=3))

    def found(**parameters) -> list[str]:
        return [one["id"] for one in manager.get(URL, parameters).json()]

    assert found() == [str(row.pk) for row in (soon, late, retired)]
    assert found(kind="RETIRE") == [str(retired.pk)]
    assert found(at_after=clock.iso(after(days=2)), at_before=clock.iso(after(days=2))) == [str(late.pk)]
    assert found(offering_id=str(soon.offering_id), state=["PENDING", "FAILED"]) == [str(soon.pk)]
    assert found(state="FAILED") == []
    assert manager.get(URL, {"status": "FAILED"}).status_code == 400
    assert found(at_before="2030-05-02T09:00:00-23:00") == [str(soon.pk)]
    for never in ("soon", "0001-01-01T00:00:00+14:00"):
        assert manager.get(URL, {"at_after": never}).status_code == 400


def test_the_events_of_a_scheduled_change_carry_what_their_schema_says():
    done, cancelled, refused = (CompleteOfferingFactory(), OfferingFactory(), OfferingFactory())
    schedule(done, "PUBLISH")
    schedule(done, "RETIRE", after(hours=2))
    schedule(cancelled, "PUBLISH")
    schedule(refused, "PUBLISH")
    tick(after(hours=1))
    schedule(refused, "PUBLISH")
    confirm(done)
    tick(after(hours=2))
    verbs = ("Requested", "CarriedOut", "Failed", "Cancelled")
    assert check_recorded_events() >= {f"catalog.offering.ScheduledChange{verb}.v1" for verb in verbs}


def test_what_has_become_pointless_is_cancelled_with_what_made_it_so(manager):
    by_hand, deleted = CompleteOfferingFactory(), CompleteOfferingFactory()
    publication = schedule(by_hand, "PUBLISH")
    retirement = schedule(by_hand, "RETIRE", after(hours=2))
    schedule(deleted, "PUBLISH")
    offering_publish(actor=MONA, id=by_hand.pk)
    assert fresh(publication).state == "PENDING", "its publication may fail yet"
    confirm(by_hand)
    assert (fresh(publication).state, publication.reason) == (
        "CANCELLED",
        "The offering was published before.",
    )
    assert fresh(retirement).state == "PENDING"
    manager.post(f"/api/v1/offerings/{by_hand.pk}/retire")
    assert (fresh(retirement).state, retirement.reason) == ("CANCELLED", "The offering was retired before.")
    assert manager.delete(f"/api/v1/offerings/{deleted.pk}").status_code == 204
    assert events("ScheduledChangeCancelled")[-1]["data"]["reason"] == "The offering was deleted."
    assert not ScheduledChange.objects.filter(state="PENDING").exists()
