"""The fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from pytest_django.plugin import DjangoDbBlocker

pytest_plugins = ["tests.support.plugin", "tests.support.neighbours_plugin", "tests.support.engines"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests empty every table, history's too; the database can only be dropped when the outbox's wake-up has left."""
    if apps.is_installed("apps.outbox"):
        import pgtrigger

        with django_db_blocker.unblock():
            pgtrigger.disable("outbox.OutboxEvent:never_emptied")
    yield
    from apps.outbox import wakeup

    wakeup.stop()
