"""``pytest --engine operaton ...``: the tests that meet the process engine, and no others, on an engine of that name.

It is started as anybody would start it, by ``manage.py up --parts``, in an instance of its own beside the one that the
tests use; its files are fetched then and not before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from config import env
from config.parts import PARTS, PROCESS_ENGINES
from tests.support import instances

MEETS_THE_ENGINE = {"engine", "saga"}
_OWN = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=PROCESS_ENGINES, help="only what meets the process engine, on this one"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the option what meets the engine; without it what needs no second one."""
    other = config.getoption("engine")
    kept, left = [], []
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        chosen = names & MEETS_THE_ENGINE if other else "other_engine" not in names
        (kept if chosen else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture(scope="session", autouse=True)
def _chosen_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    name = request.config.getoption("engine")
    if name is None:
        yield
        return
    request.config.stash[_OWN] = env.part_url("camunda")
    password = env.secret("CAMUNDA_PASSWORD")
    environment = {
        # Below the tests' own instance, so that its `down` finds what a killed run leaves.
        **instances.beside(env.state_dir() / "engine", "camunda"),
        "ENGINE": name,
        "CAMUNDA_PASSWORD": password,
        f"{name.upper()}_DATABASE_URL": f"{env.database_url(name)}_tests",
    }
    part = PARTS["camunda"]
    url = part.url.format(port=part.port + int(environment["PORT_OFFSET"]), camunda_password=password)
    try:
        up = instances.manage(environment, "up", "--parts")
        if up.returncode:
            not_tried(name, up.stdout + up.stderr)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ENGINE", name)
            patch.setenv("CAMUNDA_URL", url)
            yield
    finally:
        instances.manage(environment, "down", "--erase")


@pytest.fixture
def other_engine(request: pytest.FixtureRequest) -> str:
    """The address of a second engine: the instance's own one, while the tests are on the one that they chose."""
    return request.config.stash[_OWN]


def not_tried(name: str, said: str) -> NoReturn:
    """Fail; where it only could not be fetched, skip, but not in CI."""
    reason = f"NO {name.upper()}, the saga was not tried on it: {said}"
    if "DownloadFailed" in said and not os.environ.get("CI"):
        pytest.skip(reason)
    pytest.fail(reason)
