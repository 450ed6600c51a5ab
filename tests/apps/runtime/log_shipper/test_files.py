"""Every line of every file is read once, whatever the supervisor does with the files."""

from __future__ import annotations

import itertools
import logging
import os
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies
from supervisor.loggers import RotatingFileHandler

from apps.runtime.log_shipper.files import LONGEST_LINE, Followed, Line
from apps.runtime.log_shipper.positions import Positions
from tests.apps.runtime.log_shipper.conftest import append


class Reader:
    """Reads as the shipper does that has sent whatever it read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.positions = Positions.load(self.folder / "positions.json")
        self.followed = Followed(self.folder, self.positions)

    def read(self, *, budget: int = 10**9) -> list[Line]:
        got = []
        for program, files in self.followed.unread().items():
            for line in self.followed.lines(program, files, budget=budget):
                got.append(line)
                for key, offset in line.ends:
                    self.positions.files[key].offset = offset
        self.positions.save()
        return got

    def texts(self) -> list[str]:
        return [line.data.decode() for line in self.read()]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def lost(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    """What was said to be gone: program and bytes."""
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [(one["program"], one["bytes"]) for one in said if one["event"].startswith("log lines were gone")]


def rotate(file: Path) -> None:
    """As the supervisor does: one older file is kept."""
    file.replace(file.with_name(f"{file.name}.1"))
    file.touch()


def test_lines_of_several_programs_and_of_files_that_appear_later(reader: Reader) -> None:
    append(reader.folder / "pricing.log", "one", "two")
    assert [(line.program, line.data) for line in reader.read()] == [("pricing", b"one"), ("pricing", b"two")]
    append(reader.folder / "pricing.log", "three")
    append(reader.folder / "store-worker.log", "four")
    assert {(line.program, line.data) for line in reader.read()} == {
        ("pricing", b"three"),
        ("store-worker", b"four"),
    }
    assert reader.read() == []


def test_a_line_that_is_not_finished_waits_for_its_end(reader: Reader) -> None:
    file = reader.folder / "pricing.log"
    file.write_bytes(b"whole\nhal")
    assert reader.texts() == ["whole"]
    assert reader.texts() == []
    with file.open("ab") as stream:
        stream.write(b"f\n")
    assert reader.texts() == ["half"]


def test_a_line_that_rotation_cut_in_two_is_one(reader: Reader) -> None:
    file = reader.folder / "pricing.log"
    file.write_bytes(b"first\nbegin")
    assert reader.texts() == ["first"]
    rotate(file)
    assert reader.texts() == []
    file.write_bytes(b"ning\nlast\n")
    assert reader.texts() == ["beginning", "last"]


@settings(max_examples=30)
@given(
    chunks=strategies.lists(strategies.integers(1, 60), min_size=1, max_size=40),
    restarts=strategies.sets(strategies.integers(0, 40)),
)
def test_nothing_is_lost_or_read_twice_while_the_supervisor_rotates(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[int], restarts: set[int]
) -> None:
    """The supervisor's own handler gets a program's output in pieces that end anywhere."""
    reader = Reader(tmp_path_factory.mktemp("logs"))
    handler = RotatingFileHandler(str(reader.folder / "pricing.log"), maxBytes=100, backupCount=1)
    output = "".join(f"line {number}\n" for number in range(200)).encode()
    got, at = [], 0
    for turn, size in enumerate(chunks):
        handler.stream.write(output[at : at + size])
        handler.stream.flush()
        handler.doRollover()
        at += size
        if turn in restarts:
            reader.start()
        while lines := reader.read(budget=1 + turn % 50):
            got += lines
    handler.close()
    assert [line.data for line in got] == output[:at].split(b"\n")[:-1]
    assert len({line.id for line in got}) == len(got)


def test_a_truncated_file_is_read_from_its_beginning_under_other_ids(reader: Reader) -> None:
    file = reader.folder / "pricing.log"
    first = "one " * 500
    append(file, first, "two")
    before = reader.read()
    file.write_text(f"{first}\n")
    after = reader.read()
    assert [line.data for line in after] == [first.encode()]
    assert after[0].id != before[0].id


def test_a_truncated_file_that_has_grown_since_is_noticed_by_its_beginning(reader: Reader) -> None:
    file = reader.folder / "pricing.log"
    append(file, "one")
    reader.read()
    file.write_bytes(b"other\nand more\n")
    assert reader.texts() == ["other", "and more"]


def test_the_place_is_kept_over_a_restart_and_a_rename_meanwhile(reader: Reader) -> None:
    file = reader.folder / "pricing.log"
    append(file, "one")
    reader.read()
    append(file, "two")
    rotate(file)
    append(file, "three")
    reader.start()
    assert reader.texts() == ["two", "three"]


def test_a_line_has_the_same_id_whenever_it_is_read(reader: Reader) -> None:
    append(reader.folder / "pricing.log", "one", "two")
    unread = reader.followed.unread()
    first = list(reader.followed.lines("pricing", unread["pricing"], budget=10**6))
    reader.start()
    assert reader.read() == first


def test_what_was_rotated_away_unread_is_said_to_the_byte(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    file = reader.folder / "pricing.log"
    append(file, "one")
    reader.read()
    append(file, "never read")
    reader.followed.unread()
    with caplog.at_level(logging.WARNING):
        rotate(file)
        append(file, "still there")
        rotate(file)
        assert reader.texts() == ["still there"]
        assert reader.texts() == []
    assert lost(caplog) == [("pricing", len("never read\n"))]


@pytest.mark.parametrize("what", [rotate, Path.unlink], ids=["rotated", "removed"])
def test_a_file_that_goes_between_a_look_and_a_read_is_left_to_the_next_look(reader: Reader, what) -> None:
    file = reader.folder / "pricing.log"
    append(file, "one")
    unread = reader.followed.unread()
    what(file)
    assert list(reader.followed.lines("pricing", unread["pricing"], budget=10**6)) == []
    append(file, "two")
    assert reader.texts() == (["one", "two"] if what is rotate else ["two"])


def test_a_file_that_was_read_to_its_end_goes_without_a_word(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    file = reader.folder / "pricing.log"
    with caplog.at_level(logging.WARNING):
        for number in range(5):
            append(file, f"line {number}")
            reader.read()
            rotate(file)
            reader.read()
        file.unlink()
        file.with_name("pricing.log.1").unlink()
        reader.read()
    assert lost(caplog) == []


def test_of_a_very_long_line_only_the_beginning_is_held(reader: Reader) -> None:
    append(reader.folder / "pricing.log", "x" * 5_000_000, "next")
    long, after = reader.read()
    assert (len(long.data), long.size) == (LONGEST_LINE, 5_000_001)
    assert after.data == b"next"


def test_a_round_takes_its_share_and_the_next_one_goes_on(reader: Reader) -> None:
    append(reader.folder / "pricing.log", *(f"line {number:05d}" for number in range(100)))
    rounds = list(itertools.takewhile(bool, (reader.read(budget=110) for _ in range(99))))
    assert [len(lines) for lines in rounds] == [10] * 10


def test_positions_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    for content in (b"", b"{", b"[]", b'{"files": {"1": {"nonsense": 1}}, "waits": ""}', os.urandom(64)):
        (tmp_path / "positions.json").write_bytes(content)
        assert Positions.load(tmp_path / "positions.json").files == {}
