"""The suite is moved to another engine while publications run: nothing is moved along, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from apps.outbox.models import OutboxEvent
from apps.saga import client
from apps.saga.client import Engine
from tests.services.offering.conftest import Publishing, break_down, reverted
from tests.support.saga import Saga

pytestmark = pytest.mark.django_db


@contextmanager
def moved(saga: Saga, address: str) -> Iterator[None]:
    """The engine is the one at ``address``, which has the diagram and knows of no process."""
    before = saga.engine
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_local", threading.local())
        patch.setenv("CAMUNDA_URL", address)
        saga.engine = Engine()
        saga.engine.deploy(saga.path)
        yield
        saga.close()
    saga.engine = before


def test_one_that_was_not_begun_is_begun_on_the_other(publishing: Publishing, other_engine: str) -> None:
    publishing.ask()
    with moved(publishing.saga, other_engine):
        publishing.saga.process_id = publishing.due().process_id
        assert publishing.work().state == "DONE"


def test_one_that_was_not_confirmed_is_a_draft_and_stays_it_when_the_first_engine_is_back(
    publishing: Publishing, other_engine: str
) -> None:
    publishing.saga.behave["create-store-entry"] = break_down
    publishing.begin()
    publishing.work(until=lambda: "create-store-entry" in publishing.saga.calls)
    with moved(publishing.saga, other_engine):
        publishing.due()
        reverted(publishing, "did not bring it to an end")
    del publishing.saga.behave["create-store-entry"]
    publishing.work()
    reverted(publishing, "did not bring it to an end")
    assert publishing.saga.end == "failed"
    assert {"delete-store-entry", "unlock-prices"} <= set(publishing.saga.calls)


def test_one_that_was_confirmed_is_finished_on_the_other_and_once_only(
    publishing: Publishing, other_engine: str
) -> None:
    publishing.saga.behave["release-prices"] = break_down
    first = publishing.begin().process_id
    publishing.work(until=lambda: "release-prices" in publishing.saga.calls)
    del publishing.saga.behave["release-prices"]
    with moved(publishing.saga, other_engine):
        publishing.saga.process_id = publishing.due().process_id
        assert publishing.saga.process_id != first
        assert publishing.work().state == "DONE"
    told = OutboxEvent.objects.count()
    publishing.saga.process_id = first
    assert publishing.work().state == "DONE"
    assert (publishing.saga.end, OutboxEvent.objects.count()) == ("published", told)
