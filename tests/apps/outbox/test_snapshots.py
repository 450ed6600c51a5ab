from __future__ import annotations

import pytest
from kombu import Connection

from apps.core.actor import SYSTEM
from apps.outbox import snapshots
from apps.outbox.digest import digest_page, state_hash
from apps.outbox.envelope import CloudEvent
from apps.outbox.models import OutboxEvent, Tombstone
from config import env
from config.celery import make_celery

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_snapshot_holds_every_aggregate_every_tombstone_and_an_end_mark(changes, queue, monkeypatch):
    monkeypatch.setattr(snapshots, "BATCH", 2)
    make_celery("characteristic").set_current()
    rows = changes(5)
    Tombstone.objects.create(kind="Characteristic", aggregate_id=SYSTEM.id, version=7)
    assert snapshots.stream("r1", queue) == 6

    with Connection(env.part_url("redis")) as broker, broker.SimpleQueue(queue) as out:
        messages = [out.get(timeout=2) for _ in range(4)]
        for message in messages:
            message.ack()
    events = [CloudEvent.from_wire(e) for m in messages for e in m.payload.get("events", [])]
    assert {e.subject for e in events if not e.deleted} == {str(row.pk) for row in rows}
    assert [(e.subject, e.aggregateversion) for e in events if e.deleted] == [(str(SYSTEM.id), 7)]
    assert messages[-1].payload == {"rebuild_id": "r1", "source": "characteristic", "end": True, "count": 6}


def test_the_digest_agrees_with_the_events(changes):
    changes(3)
    told = {e.envelope["subject"]: state_hash(e.envelope["data"]) for e in OutboxEvent.objects.all()}
    assert {entry["id"]: entry["hash"] for entry in digest_page("Characteristic", after=None)} == told
