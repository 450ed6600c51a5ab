"""A broker that was away: whoever needs it is back within seconds of its return."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.utils.imports import symbol_by_name
from kombu import Connection
from kombu.exceptions import OperationalError

from apps.core.ids import uuid7
from config import env
from config.celery import make_celery


@pytest.fixture
def absent() -> Iterator[str]:
    """The URL of a broker that is not there."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{reserved.getsockname()[1]}/0"


def consumer_of(app: Celery) -> Any:
    """The consumer that workers have; its other parts are not needed for what it does with its connection."""
    consumer_class = symbol_by_name(app.conf.worker_consumer)
    consumer = consumer_class.__new__(consumer_class)
    consumer.app = app
    return consumer


def test_a_connection_that_is_lost_with_messages_unanswered_is_replaced_and_no_worker_ends():
    app = make_celery("characteristic")
    app.conf.worker_enable_prefetch_count_reduction = False  # that asks the pool, which is not here
    consumer = consumer_of(app)
    with Connection(env.part_url("redis")) as sender, sender.SimpleQueue(f"lost-{uuid7().hex}") as queue:
        queue.put({"told": 1})
        lost = Connection(env.part_url("redis"))
        message = lost.default_channel.basic_get(queue.queue.name)
        assert message is not None, "a message that is not acknowledged"
        # How the death of the broker leaves it when it comes while the channel polls: apart, and its channel open.
        lost.collect = lambda **_: lost._do_close_transport()
        consumer.connection = lost
        consumer.on_connection_error_after_connected(ConnectionError("the broker has gone"))
        assert consumer.connection is None
        queue.queue.delete()


def test_a_worker_looks_for_its_broker_every_few_seconds_however_long_it_is_away(absent):
    """Celery's own pauses are 2, 4, 6, 8 s and go on to half a minute."""
    app = make_celery("characteristic")
    app.conf.broker_connection_max_retries = 4
    consumer = consumer_of(app)
    consumer.first_connection_attempt = True
    consumer.broker_connection_retry_attempt = 0
    since = time.monotonic()
    with pytest.raises(OperationalError):
        consumer.ensure_connected(Connection(absent))
    assert time.monotonic() - since < 10
