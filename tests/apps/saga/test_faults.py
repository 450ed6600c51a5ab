"""The faults that tests plant: each strikes as often as asked, and none can be planted in production."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from apps.core.errors import Conflict
from apps.saga import faults
from apps.saga.faults import Fault
from apps.saga.registry import SagaStep
from config.settings import saga as saga_settings

TOPIC, OFFERING = f"a-topic-{uuid4().hex}", uuid4().hex


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SAGA_FAULTS = True


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("CATALOG_ENV", "production")
        importlib.reload(saga_settings)
        yield
    importlib.reload(saga_settings)


def step(offering_id: str = OFFERING) -> SagaStep:
    return SagaStep(TOPIC, "a publication", "a process", {"offering_id": offering_id})


def test_a_fault_strikes_as_often_as_it_was_planted_and_only_whom_it_was_meant_for() -> None:
    faults.plant(TOPIC, Fault.REFUSE, 2, offering_id=OFFERING)
    handler = faults.armed(lambda step: {"done": True})
    assert handler(step("another")) == {"done": True}
    for _ in range(2):
        with pytest.raises(Conflict):
            handler(step())
    assert handler(step()) == {"done": True}


def test_production_has_no_faults(production: None, settings: Any) -> None:
    assert saga_settings.SAGA_FAULTS is False
    settings.SAGA_FAULTS = saga_settings.SAGA_FAULTS
    with pytest.raises(RuntimeError):
        faults.plant(TOPIC, Fault.KILL_BEFORE)
    handler = print
    assert faults.armed(handler) is handler  # type: ignore[arg-type, comparison-overlap]
