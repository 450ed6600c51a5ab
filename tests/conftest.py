"""The fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from django.apps import apps
from pytest_django.plugin import DjangoDbBlocker

# A machine that is busy is no fault of what is tested. The rest is Hypothesis' own: where CI is set, as by ``.ci/run``,
# always the same examples, so that a change is judged by what it changes; by hand new ones each time.
hypothesis.settings.register_profile(
    "suite",
    hypothesis.settings.default,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

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
