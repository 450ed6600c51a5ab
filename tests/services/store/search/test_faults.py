"""A store that is up and does not do its work: silent, overloaded, or answering in part. The other one answers."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings
from pymongo.errors import PyMongoError

from catalog_services.store.search import reader
from catalog_services.store.stores import generations
from catalog_services.store.stores.availability import ELASTICSEARCH, MONGODB, StoreDown
from tests.services.store.conftest import Store, elasticsearch_down, mongodb_down
from tests.services.store.factories import OfferingState

PATIENCE, THREADS = 0.3, 8
SILENT_PATIENCE = 6.0
"""The store that is well has this long, too, and one slow answer of it would be remembered."""


class Silent:
    """A server that accepts every connection and never says anything; ``asked`` is how many came."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._taken: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    @property
    def asked(self) -> int:
        return len(self._taken)

    def _accept(self) -> None:
        while True:
            try:
                self._taken.append(self._listener.accept()[0])
            except OSError:  # closed
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for taken in self._taken:
            taken.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    # What is found silent stays so for the whole test: how often it is asked then counts, not how long that takes.
    with override_settings(STORE_READ_TIMEOUT=SILENT_PATIENCE, STORE_DOWN_MEMORY=600.0):
        yield server
    server.close()
    ELASTICSEARCH.forget()
    MONGODB.forget()


@contextmanager
def slow(url: str) -> Iterator[str]:
    """A way to a server (gives its address) on which every answer takes longer than who has a stand-in may take."""

    def pump(source: socket.socket, target: socket.socket, seconds: float) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                time.sleep(seconds)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((parts.hostname, parts.port)) as server:
                Thread(target=pump, args=(self.request, server, 0.0), daemon=True).start()
                pump(server, self.request, 1.3 * PATIENCE)

    parts = urlsplit(url)
    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as way, override_settings(STORE_READ_TIMEOUT=PATIENCE):
        way.daemon_threads = True
        Thread(target=way.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{way.server_address[1]}"
        way.shutdown()
    ELASTICSEARCH.forget()
    MONGODB.forget()


@contextmanager
def elasticsearch_answers(status: int, body: object) -> Iterator[None]:
    """Elasticsearch answers everything with this."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            with override_settings(STORE_ELASTICSEARCH_URL=f"http://127.0.0.1:{server.server_port}"):
                yield
        finally:
            server.shutdown()
            ELASTICSEARCH.forget()


def filled(store: Store) -> str:
    offering = OfferingState(name="Fibre")
    store.publish(("Offering", offering))
    store.get("search")
    return str(offering["id"])


def silences(log: pytest.LogCaptureFixture) -> int:
    """How often a store was waited for in vain."""
    return sum(
        isinstance(record.msg, dict) and record.msg["event"] == "store does not answer"
        for record in log.records
    )


def test_a_silent_elasticsearch_is_waited_for_once(
    store: Store, silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    filled(store)
    with override_settings(STORE_ELASTICSEARCH_URL=f"http://{silent.address}"):
        for path in ("search", "offerings") * 5:
            found = store.get(path)
            assert ([item["name"] for item in found["items"]], found["degraded"]) == (["Fibre"], True)
    assert silences(caplog) == silent.asked == 1


def test_a_silent_mongodb_is_waited_for_once(
    store: Store, silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    id = filled(store)
    generations.forget()
    with override_settings(STORE_MONGODB_URL=f"mongodb://{silent.address}/"):
        for path in (f"offerings/{id}", "search", "offerings") * 3:
            assert store.get(path)["degraded"] is True
    assert silences(caplog) == 1


@pytest.mark.parametrize("path", ["offerings", "search", "offerings/{id}"])
def test_the_store_that_is_left_is_asked_again_though_it_failed_another_request(
    store: Store, path: str
) -> None:
    id = filled(store)
    with elasticsearch_down(), override_settings(STORE_DOWN_MEMORY=600.0):
        with suppress(StoreDown), MONGODB.attempt():
            raise PyMongoError("its heartbeat came late, once")
        assert store.get(path.format(id=id))["degraded"] is True


@pytest.mark.parametrize("path", ["offerings", "search"])
def test_a_slow_mongodb_that_is_the_last_to_ask_is_waited_for(store: Store, path: str) -> None:
    filled(store)
    with (
        slow(settings.STORE_MONGODB_URL) as address,
        elasticsearch_down(),
        override_settings(STORE_MONGODB_URL=f"mongodb://{address}/?directConnection=true"),
    ):
        assert [item["name"] for item in store.get(path)["items"]] == ["Fibre"]


def test_a_slow_elasticsearch_that_is_the_last_to_ask_is_waited_for(store: Store) -> None:
    id = filled(store)
    with (
        slow(settings.STORE_ELASTICSEARCH_URL) as address,
        mongodb_down(),
        override_settings(STORE_ELASTICSEARCH_URL=f"http://{address}"),
    ):
        assert store.get(f"offerings/{id}")["degraded"] is True


def test_a_silent_store_holds_each_thread_at_most_once(store: Store, silent: Silent) -> None:
    filled(store)
    with (
        override_settings(STORE_ELASTICSEARCH_URL=f"http://{silent.address}"),
        ThreadPoolExecutor(THREADS) as pool,
    ):
        found = list(pool.map(lambda _: store.get("search")["degraded"], range(4 * THREADS)))
    assert all(found)
    assert silent.asked <= THREADS


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"error": {"type": "es_rejected_execution_exception"}}),
        (503, {"error": {"type": "cluster_block_exception"}}),
        (200, {"_shards": {"total": 2, "failed": 1}, "hits": {"total": {"value": 0}, "hits": []}}),
    ],
    ids=["overloaded", "blocked", "in part"],
)
@pytest.mark.parametrize("path", ["search", "offerings"])
def test_an_elasticsearch_that_cannot_answer_is_stood_in_for(
    store: Store, path: str, status: int, body: object
) -> None:
    filled(store)
    with elasticsearch_answers(status, body):
        found = store.get(path)
        assert ([item["name"] for item in found["items"]], found["degraded"]) == (["Fibre"], True)
    assert store.get(path)["degraded"] is False


def test_a_search_by_relevance_goes_on_when_elasticsearch_goes_down(store: Store) -> None:
    store.publish(*(("Offering", OfferingState(name=f"Plan {number}")) for number in range(5)))
    cursor = store.get("search", q="plan", limit=2)["next_cursor"]
    seen = []
    with elasticsearch_down():
        while cursor:
            page = store.get("search", q="plan", limit=2, cursor=cursor)
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
    assert seen == [f"Plan {number}" for number in range(5)]


def test_a_question_that_is_too_much_for_mongodb_takes_no_details_from_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without Elasticsearch a long search may get no answer; what MongoDB answers quickly it goes on answering."""
    store.publish(*(("Offering", OfferingState(name=f"Plan {number}")) for number in range(150)))
    id = store.get("offerings", limit=1)["items"][0]["id"]
    monkeypatch.setattr(reader, "_SHARE_OF_PATIENCE", 0.0005)  # about a millisecond, for reading 150 entries
    with elasticsearch_down(), override_settings(STORE_DOWN_MEMORY=600.0):
        for path in ("search", "offerings"):
            assert store.client.get(f"/api/v1/store/{path}").status_code == 503
        assert store.get(f"offerings/{id}")["id"] == id
        assert silences(caplog) == 1  # Elasticsearch's
