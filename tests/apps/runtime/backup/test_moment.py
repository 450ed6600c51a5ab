"""One moment of several databases: nothing is in one whose cause is missing in another, and writes hardly wait."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg
import pytest

from apps.runtime.backup.moment import NoMoment, moment
from config import env
from tests.apps.runtime.backup.conftest import Installation
from tests.support.standing import stop_still
from tests.support.waiting import eventually

INSERT = "INSERT INTO outbox_outboxevent (owner) VALUES ('x') RETURNING id"


@contextmanager
def referring(urls: dict[str, str]) -> Iterator[list[float]]:
    """Writers: each makes an event of pricing, and then a delivery of offering that names it. Gives how long each of
    their writes took."""
    stopping, taken = threading.Event(), []

    def write() -> None:
        with (
            psycopg.connect(urls["pricing"], autocommit=True) as cause,
            psycopg.connect(urls["offering"], autocommit=True) as effect,
        ):
            while not stopping.is_set():
                begun = time.monotonic()
                event = cause.execute(INSERT).fetchone()
                effect.execute("INSERT INTO outbox_delivery (event) VALUES (%s)", event)
                taken.append(time.monotonic() - begun)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield taken
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def test_what_refers_to_another_database_finds_it_there(two) -> None:
    with referring(two) as taken:
        eventually(lambda: len(taken) > 50)
        held = []
        for _ in range(25):
            with moment(two, patience=20) as now:
                (known,) = now.sessions["pricing"].execute(
                    "SELECT max(id) FROM outbox_outboxevent"
                ).fetchone() or (0,)
                (named,) = now.sessions["offering"].execute(
                    "SELECT max(event) FROM outbox_delivery"
                ).fetchone() or (0,)
            missing = named - known
            assert missing <= 0, f"{missing} events are named and not there"
            held.append(now.held)
    print(f"held for {max(held) * 1000:.0f} ms at most, {sorted(held)[12] * 1000:.0f} ms in the middle")


def test_a_snapshot_can_be_dumped_while_writes_go_on(two, installation: Installation) -> None:
    with moment(two, patience=20) as now:
        installation.write("pricing", 3)
        with psycopg.connect(two["pricing"], autocommit=True) as other:
            other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            other.execute(f"SET TRANSACTION SNAPSHOT '{now.snapshots['pricing']}'")
            assert other.execute("SELECT count(*) FROM outbox_outboxevent").fetchone() == (1,)
    assert len(installation.rows("pricing")) == 4


def test_a_transaction_that_does_not_end_gives_an_error_and_the_others_are_let_go_between_tries(
    two, installation: Installation, transaction
) -> None:
    transaction("offering").execute(INSERT)
    waited, over = [], threading.Event()

    def write() -> None:
        with psycopg.connect(two["pricing"], autocommit=True) as session:
            while not over.is_set():
                begun = time.monotonic()
                session.execute(INSERT)
                waited.append(time.monotonic() - begun)
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    with (
        pytest.raises(NoMoment, match=r"No moment was found in 6 s .* tries: .*(timeout|being vacuumed)"),
        moment(two, patience=6),
    ):
        pass
    over.set()
    writer.join()
    assert 0.1 < max(waited) < 4, "who writes waits for a try, not for all of them"
    eventually(lambda: installation.locks() == 0)


def test_who_takes_tables_in_another_order_is_not_refused(
    two, installation: Installation, transaction
) -> None:
    """Both wait for each other: we give up before PostgreSQL chooses somebody to refuse."""
    other = transaction("pricing")
    other.execute("SET deadlock_timeout = '10s'")  # a machine that stands still for a moment is no choice
    other.execute("INSERT INTO outbox_delivery (event) VALUES (1)")
    done = threading.Event()

    def go_on() -> None:
        eventually(lambda: installation.locks() > 0)
        other.execute(INSERT)
        other.commit()
        done.set()

    thread = threading.Thread(target=go_on)
    thread.start()
    with moment(two, patience=20) as now:
        assert now.tries > 1
    thread.join()
    assert done.is_set()


def test_a_vacuum_is_waited_for_without_holding_anybody(two, installation: Installation, transaction) -> None:
    vacuum = transaction("offering")
    vacuum.execute("LOCK TABLE outbox_delivery IN SHARE UPDATE EXCLUSIVE MODE")
    threading.Timer(4.0, vacuum.commit).start()
    pid = vacuum.info.backend_pid
    stopping, seen = threading.Event(), list[int | None]()

    def watch() -> None:
        while not stopping.is_set():
            seen.append(installation.locks_beside(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with moment(two, patience=20) as now:
        assert now.tries > 1
    stopping.set()
    watcher.join()
    assert {held for held in seen if held is not None} == {0}, "nobody is held, and somebody looked"


@pytest.fixture
def held_backup(installation: Installation, transaction, tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """A backup that holds all databases but the engine's, which it waits for."""
    transaction("camunda").execute("INSERT INTO act_ru_execution VALUES ('1')")
    command = [sys.executable, "manage.py", "backup", str(tmp_path / "killed.zip")]
    with subprocess.Popen(command, cwd=env.BASE_DIR, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: installation.locks() > 4, why="it holds nothing")
        yield process
        process.kill()


def test_a_killed_backup_leaves_no_lock_and_no_archive(
    held_backup, installation: Installation, tmp_path
) -> None:
    held_backup.kill()
    held_backup.wait()
    installation.write("pricing")
    eventually(lambda: installation.locks() == 0)
    assert not (tmp_path / "killed.zip").exists()


def test_a_backup_that_stands_still_holds_nobody_for_long(held_backup, installation: Installation) -> None:
    process = psutil.Process(held_backup.pid)

    def stopped_while_it_holds() -> bool:
        stop_still(process)
        if installation.locks() > 4:
            return True
        process.resume()
        return False

    eventually(stopped_while_it_holds)
    installation.write("pricing")
    eventually(lambda: installation.locks() == 0, why="PostgreSQL itself has not ended its sessions")


def test_a_database_that_is_not_there_is_named_with_what_says_where_it_is(two) -> None:
    """The engine's, which nobody else asks for, may stand elsewhere."""
    elsewhere = two["pricing"].rpartition("/")[0] + "/nowhere"
    with (
        pytest.raises(NoMoment, match=r'camunda does not answer: .*"nowhere".* \(CAMUNDA_DATABASE_URL says'),
        moment({**two, "camunda": elsewhere}, patience=1),
    ):
        pass
