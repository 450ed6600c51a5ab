"""The process: it waits when it must, says so once, ends when it is asked, and costs little."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import psutil
import pytest

from apps.runtime import doctor, paths, suite, supervision
from apps.runtime.log_shipper import NAME
from apps.runtime.log_shipper.program import behind, program
from tests.apps.runtime.log_shipper.conftest import (
    ELASTICSEARCH,
    append,
    elasticsearch_at,
    found,
    running,
    with_word,
)
from tests.apps.runtime.log_shipper.test_files import rotate
from tests.apps.runtime.log_shipper.test_shipping import line
from tests.support.ports import free_port
from tests.support.waiting import eventually

WAITS, GOES_ON = "logs wait", "logs are sent again"


def test_while_elasticsearch_is_away_the_lines_wait_and_it_says_so_once(folder: Path, marker: str) -> None:
    port = free_port()
    append(folder / "pricing.log", line(f"{marker} before"))
    with running(ELASTICSEARCH_URL=f"http://127.0.0.1:{port}") as one:
        eventually(lambda: one.says(WAITS))
        append(folder / "pricing.log", line(f"{marker} meanwhile"))
        waiting, reason = behind()
        assert waiting > 0
        assert reason
        assert [finding.cure for finding in doctor._logs()] == [
            f"manage.py status, then the end of {one.log}"
        ]
        time.sleep(4)
        with elasticsearch_at(port):
            eventually(lambda: len(with_word(marker)) == 2)
            eventually(lambda: one.says(GOES_ON))
            eventually(lambda: behind() == (0, ""))
            assert list(doctor._logs()) == []
            # Its own two lines arrive as well.
            assert (one.says(WAITS), one.says(GOES_ON)) == (1, 1)


def test_lines_that_were_rotated_away_meanwhile_are_a_line_that_arrives(folder: Path, marker: str) -> None:
    port, program_name = free_port(), f"pricing{marker}"
    file = folder / f"{program_name}.log"
    gone = line("never to be seen " * 20)  # longer than the next: of which of the two it was, nobody can say
    append(file, gone)
    with running(ELASTICSEARCH_URL=f"http://127.0.0.1:{port}") as one:
        eventually(lambda: one.says(WAITS))
        rotate(file)
        append(file, line(marker))
        rotate(file)
        with elasticsearch_at(port):
            by_program = {"term": {"labels.program": program_name}}
            [said] = eventually(lambda: found(by_program))
            eventually(lambda: len(with_word(marker)) == 1)
    assert said["labels.bytes"] == len(gone) + 1
    assert said["service.name"] == NAME


def test_its_own_lines_do_not_make_new_ones(folder: Path, marker: str) -> None:
    """Not even where it tells everything, and Elasticsearch refuses one of them."""
    with running(LOG_LEVEL="DEBUG") as one:
        append(one.log, line(marker, **{"@timestamp": "soon"}), line(marker))
        eventually(lambda: len(with_word(marker)) == 1)
        before = one.log.read_bytes()
        time.sleep(4)
        assert one.log.read_bytes() == before
        assert not one.says("Elasticsearch refused log lines")


@pytest.mark.parametrize("answers", [True, False], ids=["idle", "nobody answers"])
def test_it_ends_at_once_when_it_is_asked_to(folder: Path, marker: str, answers: bool) -> None:
    append(folder / "pricing.log", line(marker))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = ELASTICSEARCH if answers else f"http://127.0.0.1:{silent.getsockname()[1]}"
        with running(ELASTICSEARCH_URL=url) as one:
            if answers:
                eventually(lambda: with_word(marker))
            else:
                silent.settimeout(20)
                silent.accept()[0].detach()
            begun = time.monotonic()
            one.process.send_signal(signal.SIGTERM)
            assert one.process.wait(20) == 0
            assert time.monotonic() - begun < 10, "what it asked is not answered for half a minute"


def test_it_stays_small_and_idles_for_nothing(folder: Path, marker: str) -> None:
    lines = [line(f"{number} {'x' * 400}", correlation_id="some") for number in range(20_000)]
    for name in ("pricing", "store", "offering"):
        append(folder / f"{name}.log", *lines)
    append(folder / "zz.log", line(marker))
    with running() as one:
        eventually(lambda: with_word(marker), seconds=150)
        eventually(lambda: behind()[0] == 0, seconds=200)
        process = psutil.Process(one.process.pid)
        memory = process.memory_info().rss / 1e6
        before = sum(process.cpu_times()[:2])
        time.sleep(5)
        used = sum(process.cpu_times()[:2]) - before
    assert memory < 64
    assert used < 0.5, "seconds of a processor in five"


def test_the_suite_starts_it_and_stops_it(
    instance: Path, marker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", ELASTICSEARCH)
    suite.bring_up([program()])
    append(paths.log_dir() / "pricing.log", line(marker))
    eventually(lambda: with_word(marker))
    assert supervision.states()[NAME]["statename"] == "RUNNING"
    assert suite.take_down() == 1


def test_it_is_among_the_programs_unless_it_is_switched_off(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NAME in {one.name for one in suite.known_programs()}
    [finding] = [one for one in doctor._processes() if one.what.startswith(f"{NAME} is down")]
    assert finding.cure == "manage.py up"
    monkeypatch.setenv("LOG_SHIPPING", "off")
    assert NAME not in {one.name for one in suite.known_programs()}
