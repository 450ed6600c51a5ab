from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.core.errors import Unavailable, ValidationFailed
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.references import replicas
from apps.references.models import Reference
from apps.references.replicas import ReferenceKind, apply_event, resolve

pytestmark = pytest.mark.django_db
KIND = ReferenceKind("price", "pricing", "/api/v1/prices", momentary=frozenset({"locked"}))


def event(id_: str, version: int, verb: str = "Updated") -> CloudEvent:
    data = {"id": id_} if verb == "Deleted" else {"id": id_, "name": f"v{version}", "version": version}
    return CloudEvent(
        type=f"catalog.pricing.Price{verb}.v1",
        source="pricing",
        subject=id_,
        aggregateversion=version,
        data=data,
    )


@hypothesis_settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(versions=st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_in_any_order_and_repetition_the_newest_state_stays(versions):
    id_ = str(uuid7())
    for version in versions:
        apply_event(KIND, event(id_, version, "Deleted" if version == 6 else "Updated"))
    row = Reference.objects.get(aggregate_id=id_)
    assert row.version == max(versions)
    assert row.deleted == (6 in versions)


def test_a_deleted_one_is_refused_without_asking_again(neighbours):
    id_ = uuid7()
    apply_event(KIND, event(str(id_), 2, "Deleted"))
    with pytest.raises(ValidationFailed) as refused:
        resolve(KIND, [id_], field="pricing_ids")
    assert str(id_) in refused.value.errors["pricing_ids"][0]
    assert neighbours.asked == []


def test_many_are_fetched_some_at_a_time(neighbours, monkeypatch):
    monkeypatch.setattr(replicas, "AT_ONCE", 2)
    ids = [uuid7() for _ in range(5)]
    texts = [str(id_) for id_ in ids]
    for some in (texts[:2], texts[2:4]):
        told = [{"id": id_, "version": 3, "name": id_, "locked": True} for id_ in some]
        neighbours.answers("pricing", KIND.path, told, to={"id": ",".join(some), "limit": "2"})
    neighbours.answers("pricing", f"{KIND.path}/{ids[4]}", {"id": texts[4], "version": 3, "name": texts[4]})
    found = resolve(KIND, ids, field="pricing_ids")
    assert [found[id_].name for id_ in ids] == texts
    assert all("locked" not in row.data for row in found.values())
    assert len(neighbours.asked) == 3


def test_the_first_question_without_an_answer_is_the_last(neighbours):
    neighbours.down("pricing")
    with pytest.raises(Unavailable):
        resolve(KIND, [uuid7() for _ in range(200)], field="pricing_ids")
    assert len(neighbours.asked) == 1


def test_all_unknown_ids_are_named_at_once(neighbours):
    first, second = uuid7(), uuid7()
    neighbours.answers("pricing", KIND.path, [])
    with pytest.raises(ValidationFailed) as refused:
        resolve(KIND, [first, second], field="pricing_ids")
    assert str(first) in refused.value.detail
    assert str(second) in refused.value.detail


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_an_owner_that_gives_no_useful_answer_is_unavailable_never_unknown(neighbours, status):
    id_ = uuid7()
    neighbours.answers("pricing", f"/api/v1/prices/{id_}", {}, status=status)
    with pytest.raises(Unavailable):
        resolve(KIND, [id_], field="pricing_ids")


def test_a_fetched_one_does_not_overwrite_what_an_event_told_meanwhile(neighbours):
    id_ = uuid7()
    apply_event(KIND, event(str(id_), 5))
    neighbours.answers("pricing", f"/api/v1/prices/{id_}", {"id": str(id_), "version": 3, "name": "old"})
    assert resolve(KIND, [id_], field="pricing_ids")[id_].version == 5
