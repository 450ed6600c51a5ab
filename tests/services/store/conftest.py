"""Each test has a database and indexes of its own, on the real stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from elastic_transport import TransportError
from elasticsearch import ApiError

from apps.outbox.envelope import CloudEvent
from catalog_services.store import maintenance
from catalog_services.store.projection import consume
from catalog_services.store.search import vocabulary
from catalog_services.store.stores import elastic, generations, leases, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH, MONGODB
from tests.services.store.factories import event

DEAD_MONGODB = "mongodb://127.0.0.1:1/"
CONNECT_SECONDS = mongo.CONNECT_SECONDS
DEAD_ELASTICSEARCH = "http://127.0.0.1:1"


def forget_everything() -> None:
    for memory in (MONGODB, ELASTICSEARCH, vocabulary, generations):
        memory.forget()


@dataclass
class Store:
    """The store under test, as the write services and clients see it."""

    client: Client

    def apply(self, *events: CloudEvent) -> None:
        """Deliver events; every one has to be acknowledged. What Elasticsearch got of them, reads see."""
        for receipt in consume(list(events)):
            assert receipt.outcome == "ack", receipt
        with suppress(ApiError, TransportError):  # it may be down
            self.refresh()

    def publish(self, *states: tuple[str, dict[str, Any]], version: int = 1) -> None:
        """Deliver the state of aggregates."""
        self.apply(*(event(kind, state, version=version) for kind, state in states))

    def refresh(self) -> None:
        elastic.writing().indices.refresh(index=elastic.index_name(self.generation))

    @property
    def generation(self) -> str:
        return generations.ensure(mongo.writing()).live

    def entry(self, offering_id: str) -> dict[str, Any] | None:
        return mongo.collection(mongo.writing(), "entries", self.generation).find_one({"_id": offering_id})

    def indexed(self, offering_id: str) -> dict[str, Any]:
        return dict(elastic.writing().get(index=elastic.index_name(self.generation), id=offering_id).body)

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """A successful answer's JSON."""
        response = self.client.get(f"/api/v1/store/{path}", parameters)
        assert response.status_code == 200, response.content
        return dict(response.json())

    def names(self, path: str = "search", **parameters: Any) -> list[str]:
        return [item["name"] for item in self.get(path, **parameters)["items"]]

    def refused(self, path: str, **parameters: Any) -> dict[str, list[str]]:
        """The errors by field of a 400 answer."""
        response = self.client.get(f"/api/v1/store/{path}", parameters)
        assert response.status_code == 400, response.content
        assert response.headers["Content-Type"] == "application/problem+json"
        return dict(response.json()["errors"])


@pytest.fixture(scope="session", autouse=True)
def _clients_are_closed() -> Iterator[None]:
    yield
    mongo.close()
    elastic.close()


@contextmanager
def new_store() -> Iterator[Store]:
    """An empty store of its own, gone afterwards; one that is busy with other tests is no store that is down."""
    run = uuid4().hex[:10]
    with (
        patch.object(mongo, "CONNECT_SECONDS", 10.0),
        override_settings(
            STORE_MONGODB_DATABASE=f"test_store_{run}",
            STORE_INDEX_PREFIX=f"test-store-{run}",
            STORE_READ_TIMEOUT=10.0,
            STORE_DOWN_MEMORY=0.3,
        ),
    ):
        forget_everything()
        try:
            yield Store(Client())
        finally:
            forget_everything()
            for index in elastic.writing().indices.get(index=f"test-store-{run}-*"):
                elastic.writing().indices.delete(index=index)
            mongo.writing().client.drop_database(f"test_store_{run}")


@pytest.fixture
def store() -> Iterator[Store]:
    with new_store() as made:
        yield made


class Monotonic:
    """A monotonic time that tests move."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    """What leases and maintenance go by."""
    made = Monotonic()
    for module in (leases, maintenance):
        monkeypatch.setattr(module, "time", made)
    return made


@contextmanager
def elasticsearch_down() -> Iterator[None]:
    with override_settings(STORE_ELASTICSEARCH_URL=DEAD_ELASTICSEARCH):
        yield
    ELASTICSEARCH.forget()


@contextmanager
def mongodb_down() -> Iterator[None]:
    """As a process sees it that knew the live generation, or (``forget``) one that never did."""
    with (
        patch.object(mongo, "CONNECT_SECONDS", CONNECT_SECONDS),
        override_settings(STORE_MONGODB_URL=DEAD_MONGODB),
    ):
        yield
    MONGODB.forget()
