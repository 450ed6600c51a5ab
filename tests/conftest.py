"""The fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.support.plugin", "tests.support.neighbours_plugin"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database can only be dropped when the outbox's wake-up has left it."""
    yield
    from apps.outbox import wakeup

    wakeup.stop()
