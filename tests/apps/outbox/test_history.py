"""Nobody can edit history: the database itself refuses it, and what retention removes it removes on purpose."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pgtrigger
import pytest
from django.db import ProgrammingError, connection, transaction

from apps.core import clock
from apps.core.actor import SYSTEM
from apps.core.ids import uuid7
from apps.outbox import history, retention
from apps.outbox.models import AGGREGATE_VERSION, Delivery, OutboxEvent
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from config.env import BASE_DIR

pytestmark = pytest.mark.django_db


def refused(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="Events are history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outbox_outboxevent SET envelope = '{}'",
        "UPDATE outbox_outboxevent SET created_at = now()",
        "UPDATE outbox_outboxevent SET correlation_id = 'x' WHERE id = 0",
        "DELETE FROM outbox_outboxevent",
        "MERGE INTO outbox_outboxevent e USING outbox_delivery d ON d.event_id = e.id WHEN MATCHED THEN DELETE",
        "INSERT INTO outbox_outboxevent SELECT * FROM outbox_outboxevent ON CONFLICT (id) DO UPDATE SET type = 'x'",
    ],
)
def test_an_event_is_neither_changed_nor_removed(changes, statement):
    changes(2)
    refused(statement)
    assert OutboxEvent.objects.count() == 2


def test_the_table_is_not_emptied():
    with transaction.atomic():
        pgtrigger.enable("outbox.OutboxEvent:never_emptied")  # which tests do without
        refused("TRUNCATE outbox_outboxevent, outbox_delivery")
        transaction.set_rollback(True)


def test_retention_shuts_the_door_behind_it(changes, settings):
    settings.HISTORY_KEEP_DAYS = 365
    with clock.pinned(clock.now() - timedelta(days=400)):
        changes()
        Delivery.objects.update(state="done", settled_at=clock.now())
    changes()
    retention.forget_old()
    assert OutboxEvent.objects.count() == 1
    refused("DELETE FROM outbox_outboxevent")


def test_nobody_but_retention_has_a_way_in():
    passes = re.compile(r"pgtrigger\.(ignore|disable|uninstall)")
    sources = [path for top in ("apps", "catalog_services") for path in (BASE_DIR / top).rglob("*.py")]
    assert [path.name for path in sources if passes.search(path.read_text())] == ["retention.py"]


def test_one_version_of_many_is_found_by_the_index(changes, django_assert_num_queries):
    (row,) = changes()
    for number in range(2, 5):
        characteristic_update(actor=SYSTEM, id=row.pk, fields={"description": f"the {number}th"})
    with django_assert_num_queries(1):
        found = history.version(row.pk, 3)
    assert found is not None
    assert found.state["description"] == "the 3th"
    assert history.version(row.pk, 5) is None
    assert history.version(uuid7(), 1) is None
    assert [one.number for one in history.versions(row.pk, since=3)] == [4, 3]
    assert "aggregateversion" in index_condition(row.pk)


def index_condition(id_: UUID) -> str:
    """What PostgreSQL asks an index for where it may not read the whole table, as it would these few rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    rows = OutboxEvent.objects.filter(subject=str(id_)).alias(number=AGGREGATE_VERSION).filter(number=3)
    (line,) = (line for line in rows.explain().splitlines() if "Index Cond" in line)
    return line
