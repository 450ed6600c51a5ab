"""Who is down: remembered for a moment, so that reads stay fast while a store is silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from elastic_transport import TransportError
from elasticsearch import ApiError
from pymongo.errors import PyMongoError

log = structlog.get_logger(__name__)


class StoreDown(Exception):
    """MongoDB or Elasticsearch does not answer, or not with what it should hold."""


class RememberedDown(StoreDown):
    """It was down a moment ago, and was not asked."""


class Availability:
    """A memory of one store.

    After a failure nobody asks it for ``STORE_DOWN_MEMORY`` seconds; then one caller tries.
    """

    def __init__(self, name: str, failures: tuple[type[Exception], ...]) -> None:
        self.name = name
        self._failures = failures
        self._down_until = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, *, insist: bool = False) -> Iterator[None]:
        """Ask the store something. Raises ``StoreDown`` when it fails, and ``RememberedDown`` at once while it is
        remembered as down, unless ``insist``: for who has nobody else to ask."""
        if not insist and not self._may_try():
            raise RememberedDown(f"{self.name} was down a moment ago")
        try:
            yield
        except self._failures as error:
            self._remember_down(error)
            raise StoreDown(f"{self.name}: {type(error).__name__}") from error
        if self._down_until:
            log.info("store is back", store=self.name)
            self._down_until = 0.0

    def forget(self) -> None:
        """Try again at once, for tests."""
        self._down_until = 0.0

    def _may_try(self) -> bool:
        if not self._down_until:
            return True
        with self._lock:
            if time.monotonic() < self._down_until:
                return False
            self._down_until = time.monotonic() + settings.STORE_DOWN_MEMORY  # one tries, the others wait
            return True

    def _remember_down(self, error: Exception) -> None:
        with self._lock:
            self._down_until = time.monotonic() + settings.STORE_DOWN_MEMORY
        log.warning("store does not answer", store=self.name, reason=f"{type(error).__name__}: {error}"[:500])


MONGODB = Availability("MongoDB", (PyMongoError,))
# An answer that is an error counts too: a missing index or a broken shard cannot serve a read, the other store can.
ELASTICSEARCH = Availability("Elasticsearch", (TransportError, ApiError))
