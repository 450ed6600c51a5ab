from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock, correlation, errors, problems
from apps.core.ids import made_at, uuid7


def test_ids_sort_by_their_time_of_creation():
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()
    assert first.version == 7


def test_an_id_says_when_it_was_made_if_it_can():
    before = clock.now()
    made = made_at(uuid7())
    assert before - timedelta(milliseconds=1) <= made <= clock.now()
    assert made_at(uuid4()) is None


@given(candidate=st.text(max_size=100))
def test_whatever_is_sent_the_correlation_id_is_short_and_safe(candidate):
    accepted = correlation.accept(candidate)
    assert 1 <= len(accepted) <= 64
    assert accepted.isascii()
    assert all(char.isalnum() or char in "._:-" for char in accepted)


def test_the_clock_is_pinned_within_its_block_only():
    moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    with clock.pinned(moment):
        assert clock.now() == moment
        assert clock.iso(clock.now()) == "2026-01-02T03:04:05.000678Z"
    assert clock.now() != moment


def test_several_checks_make_one_refusal_with_every_field():
    errors.collect({}, {})
    with pytest.raises(errors.ValidationFailed) as refused:
        errors.collect({"name": ["a"]}, {"name": ["b"], "value": ["c"]})
    assert refused.value.errors == {"name": ["a", "b"], "value": ["c"]}


def test_every_typed_error_is_one_problem_type_with_its_status():
    kinds = errors.SuiteError.__subclasses__()
    assert len({kind.slug for kind in kinds}) == len(kinds)
    for kind in kinds:
        body = problems.document(kind("why", holder="x"), instance="/here")
        assert 400 <= body["status"] < 600
        assert (body["detail"], body["instance"], body["holder"]) == ("why", "/here", "x")
