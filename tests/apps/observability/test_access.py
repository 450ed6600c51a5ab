"""Access lines that are written together: each keeps its own ids and its own time, and none waits for long."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import perf_counter, time
from typing import Any

import pytest

from apps.core import correlation
from apps.observability import access
from apps.observability import logging as ecs
from tests.support.spans import remote_parent
from tests.support.waiting import eventually

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Written:
    """What the access log's lines say."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def __call__(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ecs.formatter(service="gateway"))
    logger = logging.getLogger("access")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield Written(stream)
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_lines_written_together_keep_their_own_ids(written: Written) -> None:
    async def requests() -> None:
        lines = access.Lines(access.by_the_event_loop)
        with correlation.bound("first"), remote_parent(f"00-{TRACE}-{SPAN}-01"):
            lines.add("GET", "/a", 200, perf_counter(), correlation_id="first", **{"trace.id": TRACE})
            lines.add("GET", "/b", 404, perf_counter(), correlation_id="second")
            assert written() == []
            lines.flush()

    asyncio.run(requests())
    first, second = written()
    assert (first["correlation_id"], first["url.path"], first["trace.id"]) == ("first", "/a", TRACE)
    assert (second["correlation_id"], second["http.response.status_code"]) == ("second", 404)
    assert "trace.id" not in second, "the trace of whoever happens to write it"


def test_waiting_lines_are_written_by_themselves(written: Written) -> None:
    async def request() -> None:
        access.Lines(access.by_the_event_loop).add("GET", "/a", 200, perf_counter(), correlation_id="x")
        while not written():
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(request(), 10))
    assert len(written()) == 1


def test_lines_of_a_process_without_an_event_loop_are_written_by_themselves_too(written: Written) -> None:
    lines = access.Lines()
    lines.add("GET", "/a", 200, perf_counter(), correlation_id="x")
    lines.add("GET", "/b", 200, perf_counter(), correlation_id="y")
    assert [line["url.path"] for line in eventually(lambda: len(written()) == 2 and written())] == [
        "/a",
        "/b",
    ]


def test_threads_lose_no_line(written: Written) -> None:
    lines = access.Lines()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(100 * access.FLUSH_LINES):
            pool.submit(lines.add, "GET", "/a", 200, perf_counter(), correlation_id="x")
    lines.flush()
    assert eventually(lambda: len(written()) == 100 * access.FLUSH_LINES)


def test_whoever_has_flushed_finds_written_what_another_thread_took(written: Written) -> None:
    """The other is held up between taking the lines and writing them."""
    lines, taken, go_on = access.Lines(lambda *_: None), Event(), Event()

    def held_up(record: logging.LogRecord) -> bool:
        taken.set()
        return go_on.wait(60)

    lines.add("GET", "/a", 200, perf_counter())
    logger = logging.getLogger("access")
    logger.addFilter(held_up)
    try:
        with ThreadPoolExecutor(2) as pool:
            pool.submit(lines.flush)
            assert taken.wait(60)
            flushed = pool.submit(lambda: lines.flush() or written())
            with pytest.raises(TimeoutError):
                flushed.result(timeout=0.2)
            go_on.set()
            assert [line["url.path"] for line in flushed.result(60)] == ["/a"]
    finally:
        go_on.set()
        logger.removeFilter(held_up)


def test_a_process_that_ends_writes_what_waits() -> None:
    program = (
        "import logging, sys; from apps.observability import access, logging as ecs\n"
        "handler = logging.StreamHandler(sys.stdout); handler.setFormatter(ecs.formatter(service='x'))\n"
        "logging.getLogger('access').addHandler(handler); logging.getLogger('access').setLevel(logging.INFO)\n"
        "access.FLUSH_SECONDS = 600; access.Lines().add('GET', '/last', 200, 0.0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert json.loads(ended.stdout)["url.path"] == "/last"


def test_many_lines_do_not_wait(written: Written) -> None:
    async def burst() -> int:
        lines = access.Lines(access.by_the_event_loop)
        for _ in range(access.FLUSH_LINES):
            lines.add("GET", "/a", 200, perf_counter(), correlation_id="x")
        return len(written())

    assert asyncio.run(burst()) == access.FLUSH_LINES


def test_a_line_tells_when_its_request_was_answered(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def request() -> None:
        lines = access.Lines(access.by_the_event_loop)
        lines.add("GET", "/a", 200, perf_counter(), correlation_id="x")
        monkeypatch.setattr(logging, "time", _Later)
        lines.flush()

    monkeypatch.setattr(access, "time", lambda: 1_700_000_000.25)
    asyncio.run(request())
    assert written()[0]["@timestamp"] == "2023-11-14T22:13:20.250Z"


class _Later:
    """Stands for the module ``time`` where records get theirs."""

    time = staticmethod(lambda: time() + 1000)
    time_ns = staticmethod(lambda: int((time() + 1000) * 1e9))


def test_a_secret_in_a_path_is_masked(written: Written) -> None:
    lines = access.Lines()
    lines.add("GET", "/x/token=hunter2-pw", 200, perf_counter())
    lines.flush()
    assert written()
    assert "hunter2-pw" not in json.dumps(written())
