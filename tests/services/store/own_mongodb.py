"""A MongoDB that a test may do to what it must not do to the one that all tests share."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.test import override_settings
from pymongo import MongoClient

from apps.runtime.parts import mongodb
from tests.support.ports import free_port
from tests.support.standing import standing_still


class OwnMongoDB:
    """A MongoDB stand-in of the test's own, whose files may stop to grow, and which may hang."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"mongodb://127.0.0.1:{self.port}/"
        program = mongodb.program()
        own = {str(program.port): str(self.port), str(program.directory / "data"): str(folder)}
        self._command = [own.get(part, part) for part in program.command]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with MongoClient(self.url, serverSelectionTimeoutMS=60_000) as client:
            client.admin.command("ping")

    def fill_the_disk(self) -> None:
        assert self._process
        limits = (1024, resource.RLIM_INFINITY)
        psutil.Process(self._process.pid).rlimit(psutil.RLIMIT_FSIZE, limits)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within the block it takes connections and requests, and answers none."""
        assert self._process
        with standing_still(psutil.Process(self._process.pid)):
            yield

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@contextmanager
def own_mongodb(folder: Path) -> Iterator[OwnMongoDB]:
    server = OwnMongoDB(folder)
    try:
        server.start()
        with override_settings(STORE_MONGODB_URL=server.url):
            yield server
    finally:
        server.stop()
