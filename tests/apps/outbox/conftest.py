"""Events of the characteristic service, written by its real actions, stand for any service's events."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis

from apps.outbox import record
from config import env, services
from tests.services.characteristic.factories import CharacteristicFactory

TWO = {"specification", "store"}


@pytest.fixture(autouse=True, scope="package")
def _two_subscribers() -> Iterator[None]:
    """Whoever else subscribes to characteristics: what is counted here goes to these two."""
    everyone = services.subscribers

    def some(topic: str, event_type: str = "") -> Iterator[str]:
        return (name for name in everyone(topic, event_type) if name in TWO)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "subscribers", some)
        patch.setattr(record, "subscribers", some)
        yield


@pytest.fixture
def changes():
    """``changes(n)``: n characteristics created, so n events with a delivery to specification and one to store."""
    return lambda n=1: CharacteristicFactory.create_batch(n)


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(env.part_url("redis")) as client:
        yield client


@pytest.fixture
def queue(broker: redis.Redis) -> Iterator[str]:
    """The name of a queue of this test's own."""
    name = f"test.{uuid4().hex}"
    yield name
    broker.delete(name)
    broker.srem("_kombu.binding." + name, name)
