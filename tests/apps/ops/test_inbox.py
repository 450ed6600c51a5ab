"""Which events a service has applied, of those that are asked for."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.core import clock
from apps.core.clock import iso
from apps.ops import inbox
from apps.outbox.models import InboxRecord

pytestmark = pytest.mark.django_db


def applied(minutes_ago: int) -> InboxRecord:
    return InboxRecord.objects.create(
        event_id=uuid4(), applied_at=clock.now() - timedelta(minutes=minutes_ago)
    )


def test_what_was_applied_is_told_in_its_order_and_nothing_else(ask):
    late, early, other = applied(1), applied(2), applied(3)
    found = ask("inbox", event=[late.event_id, uuid4(), early.event_id, late.event_id])
    assert found == {
        "service": "characteristic",
        "applied": [
            {"event_id": str(row.event_id), "applied_at": iso(row.applied_at)} for row in (early, late)
        ],
    }
    assert str(other.event_id) not in str(found)
    assert ask("inbox")["applied"] == []


def test_there_is_room_for_so_many_ids_and_no_more(ask, refused):
    ids = [uuid4() for _ in range(inbox.MOST)]
    assert ask("inbox", event=ids)["applied"] == []
    assert refused("inbox", event=[*ids, uuid4()])["errors"] == {"event": ["At most 200 ids."]}


@pytest.mark.parametrize("bad", ["", "x", "x" * 65_536, "1; DROP TABLE outbox_inboxrecord", "\x00"])
def test_what_is_no_id_is_refused(refused, bad):
    problem = refused("inbox", event=[uuid4(), bad])
    assert problem["errors"] == {"event": ["Must be an id."]}


def test_another_parameter_is_refused_lest_it_be_a_typing_error(refused):
    assert list(refused("inbox", events=uuid4())["errors"]) == ["events"]
