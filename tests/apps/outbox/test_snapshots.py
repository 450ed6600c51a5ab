from __future__ import annotations

import threading

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
        messages = [out.get(timeout=20) for _ in range(4)]
        for message in messages:
            message.ack()
    events = [CloudEvent.from_wire(e) for m in messages for e in m.payload.get("events", [])]
    assert {e.subject for e in events if not e.deleted} == {str(row.pk) for row in rows}
    assert [(e.subject, e.aggregateversion) for e in events if e.deleted] == [(str(SYSTEM.id), 7)]
    assert messages[-1].payload == {"rebuild_id": "r1", "source": "characteristic", "end": True, "count": 6}


def test_the_sender_waits_for_its_reader(changes, queue, monkeypatch):
    monkeypatch.setattr(snapshots, "BATCH", 1)
    monkeypatch.setattr(snapshots, "MOST_WAITING", 2)
    make_celery("characteristic").set_current()
    changes(6)
    longest, read = [], []

    def reader():
        with Connection(env.part_url("redis")) as broker, broker.SimpleQueue(queue) as out:
            while not read or "end" not in read[-1]:
                message = out.get(timeout=10)
                longest.append(snapshots._waiting(out))
                read.append(message.payload)
                message.ack()

    thread = threading.Thread(target=reader)
    thread.start()
    assert snapshots.stream("r1", queue) == 6
    thread.join()
    assert max(longest) <= snapshots.MOST_WAITING + 1, "the end mark waits for nobody"
    assert [message.get("start") for message in read] == [0, 1, 2, 3, 4, 5, None]


def test_the_sender_gives_up_when_nobody_reads(changes, queue, monkeypatch):
    monkeypatch.setattr(snapshots, "BATCH", 1)
    monkeypatch.setattr(snapshots, "MOST_WAITING", 2)
    make_celery("characteristic").set_current()
    changes(4)
    with pytest.raises(snapshots.NobodyReads, match="2 messages"):
        snapshots.stream("r1", queue, patience=0.1)
    with Connection(env.part_url("redis")) as broker, broker.SimpleQueue(queue) as out:
        assert snapshots._waiting(out) == 0


def test_the_digest_agrees_with_the_events(changes):
    changes(3)
    told = {e.envelope["subject"]: state_hash(e.envelope["data"]) for e in OutboxEvent.objects.all()}
    assert {entry["id"]: entry["hash"] for entry in digest_page("Characteristic", after=None)} == told
