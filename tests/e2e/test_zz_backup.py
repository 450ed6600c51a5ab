"""Last but for one: a backup under load, an empty machine, and the suite on it as it was at the backup's moment."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from apps.core.ids import uuid7
from apps.runtime import paths, supervision
from config import env
from tests.e2e.conftest import Api, created
from tests.support.waiting import eventually

HELD_AT_MOST_MS = 1800
"""A try has 0.8 s to hold all databases, and in each it is ended when it then does nothing for 0.8 s: until there is a
snapshot of each and all are let go."""
SLOW_AT_MOST = 30.0
"""Seconds for the slowest two of hundreds of writes, beside six dumps on a machine with two processors."""


@dataclass
class Writer(threading.Thread):
    """Makes prices and drafts that refer to them; ``told`` are the drafts that were answered with 201, and when."""

    api: Api
    line: str
    told: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    slowest: float = 0.0
    error: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self._write()
        except BaseException as error:
            self.error = error

    def _write(self) -> None:
        word = uuid7().hex
        begun = time.monotonic()
        price = self._made("prices", name=f"Fee {word}", value="1.00", currency="EUR", price_type="one_time")
        offering = self._made(
            "offerings",
            name=f"Made under load {word}",
            specification_ids=[self.line],
            pricing_ids=[price["id"]],
        )
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.told.append((time.monotonic(), offering))

    def _made(self, collection: str, **fields: Any) -> dict[str, Any]:
        """At the first try: a backup costs nobody a write."""
        return created(self.api.post(f"/api/v1/{collection}", json=fields))

    def __hash__(self) -> int:
        return id(self)


def manage(*arguments: str, code: int = 0) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=env.BASE_DIR, capture_output=True, text=True, check=False)
    print(" ".join(arguments), done.stdout, done.stderr, sep="\n")
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def backed_up(api: Api, line: str, path: Path) -> list[dict[str, Any]]:
    """Take a backup while three people write; gives the drafts that had been acknowledged before it began."""
    writers = [Writer(api, line) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        eventually(lambda: all(len(writer.told) > 5 for writer in writers))
        begun = time.monotonic()
        said = manage("backup", str(path))
        done = time.monotonic()
        eventually(lambda: all(writer.told[-1][0] > done for writer in writers), why="writes do not go on")
    finally:
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join()
    assert [writer.error for writer in writers] == [None] * 3, "no write failed"
    waited = re.search(r"writes waited for (\d+) ms", said)
    assert waited
    slowest = max(writer.slowest for writer in writers)
    print(f"writes waited for {waited[1]} ms; the slowest two of a writer took {slowest * 1000:.0f} ms")
    assert int(waited[1]) < HELD_AT_MOST_MS
    assert slowest < SLOW_AT_MOST
    return [offering for writer in writers for at, offering in writer.told if at < begun]


def unheard() -> int:
    """Events of offering that somebody has not answered for."""
    with psycopg.connect(env.database_url("offering")) as session:
        found = session.execute("SELECT count(*) FROM outbox_delivery WHERE state <> 'done'").fetchone()
    return found[0] if found else 0


def empty_the_machine() -> None:
    """It has the secrets, the archive and nothing else of the suite; the logs are what the tests are mended with."""
    for one in [*env.state_dir().iterdir(), *paths.shielded_dir("any").parent.iterdir()]:
        if one.name not in {"secrets.env", "logs", "tests"}:
            shutil.rmtree(one) if one.is_dir() else one.unlink()


def everything(api: Api, collection: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    while True:
        page = api.get(f"/api/v1/{collection}", params={"limit": 200, "offset": len(found)}).json()
        if not page:
            return found
        found |= {row["id"]: row for row in page}


@pytest.mark.timeout(600)  # the whole suite starts
def test_on_an_empty_machine_everything_is_as_it_was_at_the_backup(manager, visitor, draft, unique, tmp_path):
    offering, (price,), (line,) = draft["id"], draft["pricing_ids"], draft["specification_ids"]
    shown = manager.made(
        "offerings",
        name=f"Shown {unique}",
        specification_ids=[line],
        pricing_ids=[price],
        sales_channels=["web"],
    )
    manager.post(f"/api/v1/offerings/{shown['id']}/publish")
    assert manager.settled(shown["id"])["lifecycle_status"] == "PUBLISHED"
    eventually(lambda: not manager.get(f"/api/v1/prices/{price}").json()["locked"])

    # A publication that is at work at the moment, and undone later.
    supervision.stop("store-worker")
    manager.post(f"/api/v1/offerings/{offering}/publish")
    eventually(lambda: manager.get(f"/api/v1/prices/{price}").json()["locked"])
    acknowledged = backed_up(manager, line, tmp_path / "backup.zip")
    publication = manager.publication(offering)["id"]
    assert manager.post(f"/api/v1/publications/{publication}/cancel").status_code < 300
    supervision.start("store-worker")
    assert manager.settled(offering)["lifecycle_status"] == "DRAFT"
    eventually(lambda: not manager.get(f"/api/v1/prices/{price}").json()["locked"])
    eventually(lambda: unheard() == 0, seconds=60, why="the store has not heard that it is undone")
    assert manager.patch(f"/api/v1/prices/{price}", json={"value": "99.00"}).status_code == 200
    later = manager.made("characteristics", name=f"Later {unique}", value="1")

    assert "Services run: " in manage("restore", str(tmp_path / "backup.zip"), "--replace", code=1)
    manage("down")
    assert "To lose all that, add --replace" in manage("restore", str(tmp_path / "backup.zip"), code=1)
    manage("down")
    empty_the_machine()
    manage("restore", str(tmp_path / "backup.zip"), "--up")

    assert manager.get(f"/api/v1/characteristics/{later['id']}").status_code == 404
    assert manager.get(f"/api/v1/prices/{price}").json()["value"] == "39.90"
    assert manager.settled(offering)["lifecycle_status"] == "PUBLISHED"
    eventually(lambda: not manager.get(f"/api/v1/prices/{price}").json()["locked"], seconds=60)
    eventually(lambda: manager.publication(offering)["state"] == "DONE", seconds=60)

    offerings, prices = everything(manager, "offerings"), everything(manager, "prices")
    assert {one["id"] for one in acknowledged} <= offerings.keys()
    referred = {id for one in offerings.values() for id in one["pricing_ids"]}
    assert referred <= prices.keys()

    def found() -> bool:
        items = visitor.get("/api/v1/store/search", params={"q": unique}).json()["items"]
        return {item["id"]: item["pricing"][0]["value"] for item in items} == {
            offering: "39.90",
            shown["id"]: "39.90",
        }

    eventually(found, seconds=30)
    manage("store", "verify")
