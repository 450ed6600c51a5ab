from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.saga.client import Engine
from config import env
from tests.apps.saga.proxy import EngineProxy
from tests.support.saga import Saga


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    """Polls and retries short enough to wait for; a lock that has to expire, a test makes short itself."""
    settings.SAGA_LOCK_SECONDS = 10
    settings.SAGA_POLL_SECONDS = 0.5
    settings.SAGA_ATTEMPTS = 3


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def saga(engine: Engine, tmp_path: Path) -> Iterator[Saga]:
    made = Saga(engine, tmp_path)
    yield made
    made.close()


@pytest.fixture
def proxy() -> Iterator[EngineProxy]:
    with EngineProxy(env.part_url("camunda")) as made:
        yield made
