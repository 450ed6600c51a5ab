"""The log shipper on the tests' own Elasticsearch, with a folder of log files of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from apps.runtime import paths
from apps.runtime.log_shipper import NAME
from apps.runtime.log_shipper.data_stream import DataStream, Retention
from apps.runtime.log_shipper.files import Followed
from apps.runtime.log_shipper.positions import Positions, positions_file
from apps.runtime.log_shipper.shipping import Shipper
from config import env

RETENTION = Retention(days=7, megabytes=4096)
ELASTICSEARCH = env.part_url("elasticsearch")


@pytest.fixture
def marker() -> str:
    """A word that only this test writes."""
    return f"marker{uuid.uuid4().hex}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the log files of an instance that nothing else belongs to."""
    monkeypatch.setenv("RUN_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("ELASTICSEARCH_URL", ELASTICSEARCH)
    paths.log_dir().mkdir(parents=True)
    return paths.log_dir()


def append(file: Path, *lines: str | bytes) -> None:
    """Write whole lines at the end of a log file."""
    with file.open("ab") as stream:
        for line in lines:
            stream.write(line.encode() if isinstance(line, str) else line)
            stream.write(b"\n")


def shipper(url: str = ELASTICSEARCH) -> Shipper:
    """One that goes on where the folder's positions say, in this process."""
    positions = Positions.load(positions_file())
    return Shipper(Followed(paths.log_dir(), positions), positions, DataStream(url, RETENTION))


class Running:
    """The log shipper as a process, its own lines in its own file as under the supervisor."""

    def __init__(self, **environment: str) -> None:
        self.log = paths.log_dir() / f"{NAME}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "apps.runtime.log_shipper"],
                cwd=env.BASE_DIR,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                stdout=log,
                stderr=log,
            )

    def says(self, message: str) -> int:
        """How often it has said so."""
        return self.log.read_text().count(f'"message":"{message}"')

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running(**environment: str) -> Iterator[Running]:
    one = Running(**environment)
    try:
        yield one
    finally:
        one.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            one.process.wait(10)
        one.kill()


def found(query: dict[str, Any], *, size: int = 10_000) -> list[dict[str, Any]]:
    """The documents that a search finds by now."""
    answer = requests.post(
        f"{ELASTICSEARCH}/logs-catalog-*/_search?ignore_unavailable=true",
        json={"query": query, "size": size},
        timeout=30,
    )
    if answer.status_code == 503:  # its index was made just now
        return []
    assert answer.ok, answer.text
    return [hit["_source"] for hit in answer.json()["hits"]["hits"]]


def with_word(word: str) -> list[dict[str, Any]]:
    return found({"match": {"message": word}})


def refreshed() -> None:
    """What has been sent is found from here on."""
    requests.post(f"{ELASTICSEARCH}/logs-catalog-default/_refresh", timeout=30).raise_for_status()


@contextmanager
def elasticsearch_at(port: int) -> Iterator[None]:
    """The tests' Elasticsearch answers at another port, too, as long as this lasts."""
    target = urlsplit(ELASTICSEARCH)

    class Through(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((target.hostname or "", target.port or 0)) as there:
                back = threading.Thread(target=_copy, args=(there, self.request), daemon=True)
                back.start()
                _copy(self.request, there)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", port), Through) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


@contextmanager
def answering(answer: dict[str, Any]) -> Iterator[str]:
    """A server that gives one answer to everything; its URL."""
    body = json.dumps(answer).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
