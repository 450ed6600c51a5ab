"""One correlation id's events and deliveries, in order and no more than there is room for."""

from __future__ import annotations

import io
import json
import logging
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import correlation
from apps.core.clock import iso
from apps.core.ids import uuid7_text
from apps.observability import logging as ecs
from apps.observability import middleware
from apps.ops import correlated
from apps.outbox.models import Delivery, OutboxEvent
from config.services import SERVICES
from tests.apps.ops.conftest import ROOT
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.spans import remote_parent

pytestmark = pytest.mark.django_db
TRACE = "0af7651916cd43dd8448eb211c80319c"
SUBSCRIBERS = SERVICES["characteristic"].subscribers
ROWS = 3_000


def changes(count: int = 1, *, click: str = "click-1", cause: str = "") -> list[OutboxEvent]:
    before = OutboxEvent.objects.count()
    with correlation.bound(click, cause=cause):
        CharacteristicFactory.create_batch(count)
    return list(OutboxEvent.objects.order_by("id")[before:])


def test_an_event_is_told_with_its_way_to_each_subscriber(ask):
    cause = uuid7_text()
    with remote_parent(f"00-{TRACE}-b7ad6b7169203331-01"):
        (event,) = changes(cause=cause)
    Delivery.objects.filter(subscriber="store").update(
        state="dead", attempts=5, resends=2, sent_at=event.created_at, reason="KeyError: 'name'"
    )
    way = {"state": "pending", "attempts": 0, "resends": 0, "sent_at": None, "settled_at": None, "reason": ""}
    refused = {"state": "dead", "attempts": 5, "resends": 2, "sent_at": iso(event.created_at)}
    assert ask("correlation/click-1") == {
        "service": "characteristic",
        "events": [
            {
                "id": str(event.event_id),
                "type": "catalog.characteristic.CharacteristicCreated.v1",
                "subject": event.subject,
                "version": 1,
                "created_at": iso(event.created_at),
                "actor": "system",
                "causation_id": cause,
                "trace_id": TRACE,
                "deliveries": [
                    {
                        "subscriber": name,
                        **way,
                        **({**refused, "reason": "KeyError: 'name'"} if name == "store" else {}),
                    }
                    for name in SUBSCRIBERS
                ],
            }
        ],
        "more": False,
    }


def test_what_was_done_outside_any_trace_by_nobody_elses_event_says_so(ask):
    changes()
    (event,) = ask("correlation/click-1")["events"]
    assert (event["trace_id"], event["causation_id"]) == ("", "")


def test_events_are_told_in_their_order_up_to_a_bound_which_says_that_there_are_more(ask, monkeypatch):
    monkeypatch.setattr(correlated, "MOST", 3)
    ids = []
    for count in (2, 1):
        ids += [str(event.event_id) for event in changes(count)]
        changes(click="click-2")
    found = ask("correlation/click-1")
    assert ([event["id"] for event in found["events"]], found["more"]) == (ids, False)
    changes()
    found = ask("correlation/click-1")
    assert ([event["id"] for event in found["events"]], found["more"]) == (ids, True)
    assert all(len(event["deliveries"]) == len(SUBSCRIBERS) for event in found["events"])


def test_an_id_of_which_nothing_is_known_has_no_events(ask):
    changes()
    assert ask("correlation/click-2") == {"service": "characteristic", "events": [], "more": False}


def test_fifty_events_are_as_many_queries_as_one(ask):
    changes()
    changes(50, click="click-50")
    ask("correlation/warm")
    with CaptureQueriesContext(connection) as one:
        ask("correlation/click-1")
    with CaptureQueriesContext(connection) as fifty:
        assert len(ask("correlation/click-50")["events"]) == 50
    assert len(fifty) == len(one)
    assert sum("outbox_" in query["sql"] for query in fifty) == 2


@pytest.mark.parametrize("click", ["click-1", "click-2"])
def test_of_many_events_the_first_are_read_alone(ask, click):
    """Whether the planner has seen the id often, all of it late, or nowhere."""
    with connection.cursor() as cursor:
        for often in ("click-0", "click-1"):
            changes(click=often)
            cursor.execute(
                """INSERT INTO outbox_outboxevent (event_id, type, subject, correlation_id, envelope, created_at)
                   SELECT gen_random_uuid(), type, subject, correlation_id, envelope, created_at
                     FROM outbox_outboxevent, generate_series(1, %s) WHERE correlation_id = %s""",
                [ROWS, often],
            )
        cursor.execute("ANALYZE outbox_outboxevent")
        with CaptureQueriesContext(connection) as queries:
            ask(f"correlation/{click}")
        (events,) = (query["sql"] for query in queries if 'FROM "outbox_outboxevent"' in query["sql"])
        cursor.execute(f"EXPLAIN {events}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "outbox_event_correlation" in plan
    assert "Sort" not in plan


@pytest.fixture
def lines():
    """The paths that the access log's lines have."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ecs.formatter(service="characteristic"))
    logger = logging.getLogger("access")
    level = logger.level
    middleware._LINES.flush()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    def written() -> list[str]:
        middleware._LINES.flush()
        return [json.loads(line)["url.path"] for line in stream.getvalue().splitlines()]

    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a statement": "x' OR '1'='1",
    "a line of the log": 'x\n{"message": "forged"}',
    "a NUL": "x\x00y",
    "slashes": "../../etc/passwd",
    "no ASCII": "ключ",
    "one too many": "x" * 65,
    "64 KB": "x" * 65_536,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_correlation_id_is_refused_and_repeated_nowhere(refused, api, lines, hostile, caplog):
    path = f"correlation/{quote(hostile, safe='')}"
    problem = refused(path)
    assert list(problem["errors"]) == ["correlation_id"]
    assert problem["instance"] == f"{ROOT}/correlation/"
    assert hostile not in str(problem)
    for role, status in ((None, 401), ("viewer", 403)):
        response = api(role).get(f"{ROOT}/{path}")
        assert (response.status_code, response.json()["instance"]) == (status, f"{ROOT}/correlation/")
    assert lines() == [f"{ROOT}/correlation/"] * 3
    assert not any(hostile in record.getMessage() for record in caplog.records)


def test_the_longest_id_with_every_character_that_it_may_have_is_one(ask, lines):
    longest = "aZ9._:-" + "x" * 57
    changes(click=longest)
    assert len(ask(f"correlation/{longest}")["events"]) == 1
    assert lines() == [f"{ROOT}/correlation/{longest}"]
