"""An instance of its own for every test: its own state folder, ports and secrets, gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.runtime import bringup, credentials, parts, processes, suite
from apps.runtime.program import Program
from config import env
from config.parts import PARTS
from config.services import SERVICES
from tests.support import instances


@contextmanager
def fresh_instance(folder: Path) -> Iterator[Path]:
    """Switch this process to a new instance below ``folder``; gives its state folder, and ends and removes it."""
    before = dict(os.environ)
    elsewhere = (
        *(part.variable for part in PARTS.values()),
        *(f"{name.upper()}_DATABASE_URL" for name in SERVICES),
    )
    for name in (*credentials.GENERATED, *elsewhere):
        os.environ.pop(name, None)
    os.environ.update(
        RUN_DIR=str(folder / "run"), PORT_OFFSET=str(instances.free_offset("redis", "postgres"))
    )
    credentials.ensure()
    yield env.state_dir()
    suite.take_down()
    assert not processes.left_over()
    bringup.erase_data()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Path]:
    """The state folder of a fresh instance that this process is switched to."""
    with fresh_instance(tmp_path) as folder:
        yield folder


@pytest.fixture(scope="module")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh instance with PostgreSQL running, shared by a module; gives its state folder."""
    with fresh_instance(tmp_path_factory.mktemp("database")) as folder:
        suite.bring_up([parts.BUILDERS["postgres"]()], suite.jobs(with_services=False))
        yield folder


@pytest.fixture
def redis_part(instance: Path) -> Program:
    return parts.BUILDERS["redis"]()


@pytest.fixture
def manage(tmp_path: Path) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """``manage("up", "--parts")`` in an instance that starts only Redis."""
    environment = instances.beside(tmp_path / "run", "redis")

    def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return instances.manage({**environment, **more}, *arguments)

    yield call
    assert call("down", "--erase").returncode == 0


@pytest.fixture
def script(instance: Path) -> Callable[..., Program]:
    """A program that runs a line of Python: ``script("name", "import time; time.sleep(60)")``."""

    def make(
        name: str, code: str, *arguments: str, ready: Callable[[], bool] = lambda: True, patience: int = 20
    ) -> Program:
        return Program(
            name=name,
            command=(sys.executable, "-c", code, *arguments),
            directory=instance,
            ready=ready,
            patience=patience,
            grace=5,
        )

    return make
