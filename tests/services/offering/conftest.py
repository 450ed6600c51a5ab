"""Publications of real offerings through the real diagram on the real engine; other services' steps are the test's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from apps.core.actor import MANAGER, Actor
from apps.core.errors import Conflict, Unavailable
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import consume
from apps.outbox.models import OutboxEvent
from apps.saga.client import Engine
from apps.saga.registry import STEPS
from catalog_services.offering import saga as declared
from catalog_services.offering import tasks
from catalog_services.offering.actions import publication_reconcile, publication_start
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.models import Offering, Publication
from tests.services.offering.factories import CompleteOfferingFactory
from tests.support.saga import Saga

MONA = Actor(uuid7(), "mona", frozenset({MANAGER}))


class Publishing:
    """One offering on its way: ``ask`` requests, ``begin`` delivers the request, ``work`` serves the steps."""

    def __init__(self, saga: Saga) -> None:
        self.saga = saga

    def ask(self, offering: Offering | None = None) -> Publication:
        self.offering = offering_publish(actor=MONA, id=(offering or CompleteOfferingFactory()).pk)
        self.saga.publication_id = str(self.offering.publication_id)
        return self.row

    def begin(self, offering: Offering | None = None) -> Publication:
        self.ask(offering)
        self.deliver("PublicationRequested")
        self.saga.process_id = self.row.process_id
        return self.row

    def deliver(self, verb: str) -> None:
        """The latest event of this verb, as its subscriber gets it."""
        event = OutboxEvent.objects.filter(type=f"catalog.offering.{verb}.v1").latest("id")
        (receipt,) = consume([CloudEvent.from_wire(event.envelope)])
        assert receipt.outcome == "ack", receipt.reason

    def work(self, until: Callable[[], bool] | None = None) -> Publication:
        self.saga.work(until=until)
        tasks.record_steps()
        self.offering.refresh_from_db()
        return self.row

    @property
    def row(self) -> Publication:
        return Publication.objects.get(pk=UUID(self.saga.publication_id))

    def due(self) -> Publication:
        """What the reconciler makes of it when its time has come."""
        Publication.objects.update(review_at="2026-01-01T00:00:00Z")
        tasks.settle_publications()
        self.offering.refresh_from_db()
        return self.row


@pytest.fixture
def saga(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Saga]:
    settings.SAGA_LOCK_SECONDS = 10
    settings.SAGA_ATTEMPTS = 2
    settings.PUBLICATION_SECONDS = 3600
    made = Saga(Engine(), tmp_path)
    for module in (publication_start, publication_reconcile):
        monkeypatch.setattr(module, "PROCESS", made.key)
    assert declared
    for topic in STEPS.topics:
        made.behave[topic] = STEPS[topic].handler
    yield made
    made.close()


@pytest.fixture
def publishing(saga: Saga) -> Publishing:
    return Publishing(saga)


def refuse(step):
    raise Conflict("The price is gone.")


def break_down(step):
    raise Unavailable("The store is down.")


def events(verb: str) -> list[dict]:
    found = OutboxEvent.objects.filter(type=f"catalog.offering.{verb}.v1").order_by("id")
    return [event.envelope for event in found]


def reverted(publishing: Publishing, reason: str) -> Publication:
    """Back in DRAFT with the reason, everybody told, an honest record."""
    row, offering = publishing.row, publishing.offering
    offering.refresh_from_db()
    assert (row.state, offering.lifecycle_status) == ("FAILED", "DRAFT")
    assert reason in row.failure["message"]
    assert offering.status_reason == row.failure["message"]
    assert row.failure["undo"] == ""
    assert row.ended_at is not None
    (told,) = [e for e in events("PublicationFailed") if e["subject"] == str(row.pk)]
    assert told["data"]["id"] == str(row.pk)
    assert told["data"]["offering_id"] == str(offering.pk)
    assert told["data"]["pricing_ids"] == [str(id_) for id_ in offering.pricing_ids]
    assert events("OfferingUpdated")[-1]["data"]["lifecycle_status"] == "DRAFT"
    return row
