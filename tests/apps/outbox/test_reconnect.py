"""A broker that was away: whoever needs it is back within seconds of its return."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from celery.utils.imports import symbol_by_name
from kombu import Connection
from kombu.exceptions import OperationalError

from config.celery import make_celery


@pytest.fixture
def absent() -> Iterator[str]:
    """The URL of a broker that is not there."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{reserved.getsockname()[1]}/0"


def test_a_worker_looks_for_its_broker_every_few_seconds_however_long_it_is_away(absent):
    """Celery's own pauses are 2, 4, 6, 8 s and go on to half a minute."""
    app = make_celery("characteristic")
    app.conf.broker_connection_max_retries = 4
    consumer_class = symbol_by_name(app.conf.worker_consumer)
    consumer = consumer_class.__new__(consumer_class)  # its other parts are not needed to look for the broker
    consumer.app, consumer.first_connection_attempt = app, True
    consumer.broker_connection_retry_attempt = 0
    since = time.monotonic()
    with pytest.raises(OperationalError):
        consumer.ensure_connected(Connection(absent))
    assert time.monotonic() - since < 10
