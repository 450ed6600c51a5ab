"""Every step of the saga fails in every way, in the real services: each publication ends PUBLISHED, or DRAFT with a
reason, and the row, the holds, the store's entry and the engine agree.

All at once, each offering with a fault of its own. Failing for ever is for ``tests/apps/saga/test_matrix.py``: here
it would take as long as the suite is patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import pytest

from apps.core.ids import uuid7
from apps.saga.client import Engine
from apps.saga.faults import Fault, plant
from tests.e2e.conftest import Api, sign_in
from tests.support.saga import AFTER, REFUSABLE, UNDO
from tests.support.waiting import eventually

PATIENCE_SECONDS = 600
REFUSALS = 5
"""A refusal may be met by an executor that another offering's fault has just cost its lock: then nobody hears of it."""


@dataclass(frozen=True)
class Cell:
    topic: str
    fault: Fault
    times: int

    @property
    def name(self) -> str:
        return f"{self.topic}, {self.fault} x {self.times}"

    @property
    def outcome(self) -> str:
        return "DRAFT" if _is_refusal(self.topic, self.fault) or self.topic in UNDO else "PUBLISHED"


def _is_refusal(topic: str, fault: Fault) -> bool:
    return fault is Fault.REFUSE and topic in REFUSABLE


def _times(topic: str, fault: Fault) -> int:
    if _is_refusal(topic, fault):
        return REFUSALS
    return 3 if fault is Fault.ERROR else 1


CELLS = [
    Cell(topic, fault, _times(topic, fault)) for topic, fault in product((*REFUSABLE, *AFTER, *UNDO), Fault)
]


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with sign_in("manager") as signed_in:
        signed_in.timeout = 60
        yield signed_in


def start(api: Api, path: str) -> None:
    """Publish, once. The worker of a server that a test before killed lives on for a while, and may take a request with
    it: that is 502, whether or not it was done."""
    answer = api.post(f"{path}/publish")
    if answer.status_code == 502 and not api.get(f"{path}/publications").json():
        answer = api.post(f"{path}/publish")
        assert answer.status_code == 202
    assert answer.status_code in {202, 502}


@pytest.fixture(scope="module")
def offerings(api: Api) -> dict[Cell, str]:
    """Cell -> the id of an offering that was published under its fault; none is on its way any more."""
    word = f"m{uuid7().hex[-12:]}"
    speed = api.made("characteristics", name=f"Speed {word}", value="100", unit_of_measure="Mbps")
    line = api.made("specifications", name=f"Line {word}", characteristic_ids=[speed["id"]])

    def publish(number: int) -> str:
        cell, name = CELLS[number], f"{word} {number}"
        fee = api.made("prices", name=name, value="10.00", currency="EUR", price_type="one_time")
        fields = {"specification_ids": [line["id"]], "pricing_ids": [fee["id"]], "sales_channels": ["web"]}
        made = api.made("offerings", name=name, **fields)
        plant(cell.topic, cell.fault, cell.times, offering_id=made["id"])
        if cell.topic in UNDO:  # something has to be undone
            plant("confirm-publication", Fault.REFUSE, REFUSALS, offering_id=made["id"])
        start(api, f"/api/v1/offerings/{made['id']}")
        return str(made["id"])

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(publish, range(len(CELLS))))
    eventually(
        lambda: all(api.publication(id_)["state"] in {"DONE", "FAILED"} for id_ in ids),
        seconds=PATIENCE_SECONDS,
        why="a publication has not ended",
    )
    return dict(zip(CELLS, ids, strict=True))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_there_is_one_outcome_and_everybody_agrees_with_it(
    cell: Cell, offerings: dict[Cell, str], api: Api
) -> None:
    id_ = offerings[cell]
    offering, publication = api.get(f"/api/v1/offerings/{id_}").json(), api.publication(id_)
    assert offering["lifecycle_status"] == cell.outcome
    assert publication["state"] == {"PUBLISHED": "DONE", "DRAFT": "FAILED"}[cell.outcome]
    if cell.outcome == "DRAFT":
        assert offering["status_reason"] == publication["failure"]["message"]
    price = f"/api/v1/prices/{offering['pricing_ids'][0]}"
    eventually(lambda: api.get(price).json()["locked"] is False, why="a hold leaked")
    shown = {"PUBLISHED": 200, "DRAFT": 404}[cell.outcome]
    eventually(
        lambda: api.get(f"/api/v1/store/offerings/{id_}").status_code == shown, why="the store differs"
    )
    engine = Engine()
    eventually(
        lambda: not any(one.running for one in engine.instances(publication["id"])), why="a process stands"
    )
