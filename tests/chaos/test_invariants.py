"""The harness sees what it is there to see: each kind of damage, planted, is told; and what is well is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.invariants import judged
from tests.chaos.journal import Counts, Told
from tests.chaos.report import Run, markdown
from tests.chaos.rounds import Round

PRICE = Told("prices", "p", {"value": "10.00"}, acked=2)
OFFERING = Told("offerings", "o", {"description": "new"}, acked=1, published=1)


@pytest.mark.parametrize(
    ("told", "row", "publications"),
    [
        (PRICE, (3, "10.00"), []),
        (replace(PRICE, maybe=[{"value": "11.00"}], unknown=1), (4, "11.00"), []),
        (replace(PRICE, deleted=True), None, []),
        (OFFERING, (4, "new", "PUBLISHED", ""), ["DONE"]),
        (OFFERING, (4, "new", "DRAFT", "It took too long."), ["FAILED"]),
        (replace(OFFERING, maybe_published=1), (6, "new", "PUBLISHED", ""), ["FAILED", "DONE"]),
        (replace(OFFERING, retired=True), (5, "new", "RETIRED", ""), ["DONE"]),
    ],
)
def test_what_was_told_and_is_so_is_well(told, row, publications):
    assert judged(told, row, publications) == []


@pytest.mark.parametrize(
    ("told", "row", "publications", "said"),
    [
        (PRICE, None, [], "is lost"),
        (PRICE, (3, "9.00"), [], "has value 9.00, not 10.00"),
        (PRICE, (2, "10.00"), [], "is at version 2, not 3"),
        (PRICE, (4, "10.00"), [], "is at version 4, not 3"),
        (replace(PRICE, deleted=True), (3, "10.00"), [], "was deleted and is there"),
        (OFFERING, (2, "new", "DRAFT", ""), [], "has 0 publications, 1 were accepted"),
        (OFFERING, (4, "new", "DRAFT", "why"), ["DONE"], "is DRAFT"),
        (OFFERING, (4, "new", "PUBLISHED", ""), ["FAILED"], "is PUBLISHED"),
        (OFFERING, (4, "new", "DRAFT", ""), ["FAILED"], "without a reason"),
        (replace(OFFERING, published=2), (6, "new", "PUBLISHED", ""), ["DONE", "DONE"], "published 2 times"),
        (OFFERING, (5, "new", "PUBLISHED", ""), ["DONE"], "is at version 5, not 4"),
        (OFFERING, (4, "new", "PUBLISHING", ""), ["RUNNING"], "is PUBLISHING"),
    ],
)
def test_each_kind_of_damage_is_told(told, row, publications, said):
    assert said in "\n".join(judged(told, row, publications))


def test_a_report_names_what_is_wrong_and_what_was_slow():
    good = Round(1, ["flush redis"], caught_up=1.2, counts=Counts(acked=10, reads=5))
    slow = Round(2, ["kill camunda"], away=30, caught_up=7.5)
    wrong = Round(3, ["kill redis"], wrong=["prices p is lost"])
    page = markdown(Run(7, "1 web a service", [good, slow, wrong], closing=["1 entries differ"]))
    assert "| **broken invariants** | **2** |" in page
    assert "- round 3: prices p is lost" in page
    assert "- 1 entries differ" in page
    assert "## Slow rounds" in page
    assert "| writes acknowledged | 10 |" in page
