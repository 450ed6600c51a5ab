"""Publications in figures, for who looks on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.ids import uuid7
from catalog_services.offering.models import Offering, Publication
from catalog_services.offering.selectors.publication import publication_flow
from tests.services.offering.factories import OfferingFactory

pytestmark = pytest.mark.django_db
ROWS = 3_000


def attempts(
    state: str, *, ended: timedelta | None = None, since: timedelta = timedelta(), count: int = 1
) -> None:
    """Publications in ``state``, of an offering each (only one may be under way); ``ended``, or there ``since``, so
    long ago."""
    at = clock.now()
    Publication.objects.bulk_create(
        Publication(
            offering=OfferingFactory(),
            offering_version=1,
            state=state,
            requested_by="mona",
            requested_by_id=uuid7(),
            correlation_id="click-1",
            review_at=at,
            updated_at=at - since,
            ended_at=None if ended is None else at - ended,
        )
        for _ in range(count)
    )


def test_publications_are_told_by_what_becomes_of_them(api):
    minutes, hours = timedelta(minutes=59), timedelta(minutes=61)
    for state in ("REQUESTED", "RUNNING", "CONFIRMED", "FAILING", "UNDO_FAILED"):
        attempts(state)
    attempts("RUNNING")
    attempts("CONFIRMED", since=timedelta(minutes=11))
    attempts("FAILING", since=timedelta(minutes=11))
    attempts("DONE", ended=minutes, count=3)
    attempts("DONE", ended=hours)
    attempts("FAILED", ended=minutes, count=2)
    attempts("FAILED", ended=hours)
    response = api("admin").get("/api/v1/offering/ops/flow")
    assert response.status_code == 200
    assert response.json()["publications"] == {
        "running": 4,
        "failing": 1,
        "done_last_hour": 3,
        "failed_last_hour": 2,
        "standing": 3,
    }


def test_old_publications_cost_nothing(api):
    attempts("DONE", ended=timedelta(days=1))
    first = Publication.objects.get()
    offering = Offering.objects.get()
    rows = [
        Publication(
            **{
                field.attname: getattr(first, field.attname)
                for field in Publication._meta.concrete_fields
                if field.name not in {"id", "offering"}
            },
            offering=offering,
        )
        for _ in range(ROWS)
    ]
    Publication.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE offering_publication")
        with CaptureQueriesContext(connection) as queries:
            assert set(publication_flow().values()) == {0}
        assert len(queries) == 5
        for query in queries.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            assert "Seq Scan" not in "\n".join(line for (line,) in cursor.fetchall()), query["sql"]
