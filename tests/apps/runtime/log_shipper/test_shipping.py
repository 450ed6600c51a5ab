"""What is written into a log file is found in Elasticsearch soon, once, and as what it is."""

from __future__ import annotations

import base64
import io
import json
import logging
import random
import time
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
import requests
import structlog

from apps.observability import logging as ecs
from apps.runtime.log_shipper import data_stream, template
from apps.runtime.log_shipper.data_stream import Away, DataStream, Retention
from apps.runtime.log_shipper.positions import positions_file
from tests.apps.runtime.log_shipper.conftest import (
    ELASTICSEARCH,
    RETENTION,
    answering,
    append,
    found,
    refreshed,
    running,
    shipper,
    with_word,
)
from tests.support.waiting import eventually, quickest


def line(marker: str, **fields: object) -> str:
    """A line as a service writes it."""
    said = {"@timestamp": "2024-01-02T03:04:05.678Z", "message": marker, "service.name": "pricing"}
    return json.dumps({**said, **fields})


def sent() -> None:
    """Send all there is, and let it be found."""
    one, until = shipper(), time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if not one.round():
                break
        except Away:  # for a moment: it goes on, as the process does
            continue
    refreshed()


@pytest.fixture
def own_stream(marker: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A data stream with a template of its own."""
    name = f"logs-catalog{marker}-default"
    for module in (data_stream, template):
        monkeypatch.setattr(module, "NAME", name)
        monkeypatch.setattr(module, "PATTERN", f"logs-catalog{marker}-*")
    return name


def suites_logger(stream: io.StringIO) -> structlog.stdlib.BoundLogger:
    """A logger of the suite that writes to ``stream``."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ecs.formatter(service="pricing"))
    logger = logging.getLogger("tests.shipping")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    ecs.configure()
    return structlog.get_logger("tests.shipping")


def test_a_correlation_id_is_found_in_the_logs_of_two_processes_within_five_seconds(
    folder: Path, marker: str
) -> None:
    (folder / "pricing.log").touch()
    with running():
        append(folder / "pricing.log", line("it is up", correlation_id=f"{marker}-up"))
        eventually(lambda: found({"term": {"correlation_id": f"{marker}-up"}}), why="it sends nothing")
        tries = count()

        def logged() -> set[str]:
            correlation_id = f"{marker}-{next(tries)}"
            append(folder / "pricing.log", line("a request", correlation_id=correlation_id))
            append(folder / "store-worker.log", line("an event", correlation_id=correlation_id))
            by_id = {"term": {"correlation_id": correlation_id}}
            eventually(lambda: len(found(by_id)) == 2)
            return {one["message"] for one in found(by_id)}

        messages, seconds = quickest(logged)
        assert messages == {"a request", "an event"}
        assert seconds < 5


def refusals(caplog: pytest.LogCaptureFixture) -> list[int]:
    """How many lines were said to be refused, each time."""
    return [r.msg["lines"] for r in caplog.records if "refused" in r.msg.get("event", "")]


def test_what_was_sent_and_not_noted_is_not_there_twice(
    folder: Path, marker: str, caplog: pytest.LogCaptureFixture
) -> None:
    append(folder / "pricing.log", line(marker))
    sent()
    noted = positions_file().read_bytes()
    append(folder / "pricing.log", line(marker), f"no JSON {marker}")
    sent()
    positions_file().write_bytes(noted)
    sent()
    assert len(with_word(marker)) == 3
    assert refusals(caplog) == []


def test_one_that_was_killed_goes_on_where_it_was(folder: Path, marker: str) -> None:
    """It is killed at any moment of its work, again and again."""
    texts = [f"{marker} n{number}" for number in range(4000)]
    for start in range(0, 4000, 1000):
        append(folder / "pricing.log", *(line(text) for text in texts[start : start + 1000]))
        with running() as one:
            time.sleep(0.6 + start / 2000)
            one.kill()
    with running():
        eventually(lambda: len(with_word(marker)) >= 4000, seconds=120)
        time.sleep(3)
    assert Counter(one["message"] for one in with_word(marker)) == Counter(texts)


def test_a_line_that_is_no_json_is_a_message_of_its_program(folder: Path, marker: str) -> None:
    before = time.time()
    append(
        folder / "camunda.log",
        f"  at engine.Broken({marker}) \x1b[0m \ufffd".encode() + b"\xff",
        f'[1, 2, "{marker}"]',
    )
    append(folder / "redis.log", json.dumps({"message": marker, "service": {"name": "valkey"}}))
    sent()
    text, array, other = sorted(with_word(marker), key=lambda one: one["message"])
    assert {text["service.name"], array["service.name"]} == {"camunda"}
    assert f"at engine.Broken({marker})" in text["message"]
    assert array["message"] == f'[1, 2, "{marker}"]'
    assert other["service"] == {"name": "valkey"}
    assert (
        len(
            found(
                {
                    "bool": {
                        "must": [
                            {"match": {"message": marker}},
                            {"range": {"@timestamp": {"gte": int(before * 1000)}}},
                        ]
                    }
                }
            )
        )
        == 3
    )


def test_hostile_lines_harm_neither_their_neighbours_nor_the_mapping(folder: Path, marker: str) -> None:
    many = {f"labels.k{number}": "x" for number in range(10_000)}
    nested = {f"n{number}": {"deep": number} for number in range(5000)}
    append(
        folder / "pricing.log",
        line(f"before {marker}"),
        line(f"two depths {marker}", **{"labels.a": 1, "labels.a.b": 2}),
        line("keys", correlation_id=marker, **many),
        line("more keys", correlation_id=marker, **nested),
        line(f"long {marker}", padding="x" * 5_000_000),
        line(f"no date {marker}", **{"@timestamp": "soon"}),
        line(f"deep {marker}", labels=json.loads("[" * 900 + "]" * 900)),
        line(f"nul {marker} \0", **{"": 1}),
        line("another shape", message={"text": marker}),
        '{"message": NaN, "@timestamp": ' + "[" * 100_000,
        b"\x00\xff\xfe" * 1000,
        "",
        line(f"after {marker}"),
    )
    sent()
    messages = [str(one["message"]) for one in with_word(marker)]
    assert {f"before {marker}", f"two depths {marker}", f"after {marker}"} < set(messages)
    assert len(found({"term": {"correlation_id": marker}})) == 2
    long = next(text for text in messages if text.startswith('{"@timestamp"'))
    assert len(long) < 40_000
    mapping = requests.get(f"{ELASTICSEARCH}/logs-catalog-default/_mapping", timeout=30).json()
    fields = [len(one["mappings"]["properties"]) for one in mapping.values()]
    assert max(fields) <= template.MOST_FIELDS
    # The next test's fields have room.
    requests.post(f"{ELASTICSEARCH}/logs-catalog-default/_rollover", timeout=30).raise_for_status()


def test_a_line_that_is_refused_is_counted_and_left(
    folder: Path, marker: str, caplog: pytest.LogCaptureFixture
) -> None:
    append(folder / "pricing.log", line(marker, **{"@timestamp": "soon"}), line(marker))
    with caplog.at_level(logging.WARNING):
        sent()
        sent()
    assert len(with_word(marker)) == 1
    assert refusals(caplog) == [1]


def test_a_request_that_is_refused_as_a_whole_costs_one_line(folder: Path, marker: str) -> None:
    stream = DataStream(ELASTICSEARCH, RETENTION)
    stream.prepare()
    good = line(marker).encode()
    broken = good + b"\n" + good
    documents = [(f"{marker}-{number}", good) for number in range(5)]
    refused = stream.add([*documents[:3], (f"{marker}-x", broken), *documents[3:]])
    refreshed()
    assert refused == [3]
    assert len(with_word(marker)) == 5


@pytest.mark.parametrize(
    ("statuses", "refused"),
    [([201, 500, 409], [1]), ([500, 500], None), ([201, 503], None), ([201, 429], None), ([404, 201], None)],
)
def test_what_one_document_breaks_holds_up_no_other_and_what_may_pass_is_waited_for(
    statuses: list[int], refused: list[int] | None
) -> None:
    answer = {"items": [{"create": {"status": status, "error": {"type": "x"}}} for status in statuses]}
    documents = [(str(number), b"{}") for number in range(len(statuses))]
    with answering(answer) as url:
        stream = DataStream(url, RETENTION)
        if refused is None:
            with pytest.raises(Away, match=r"[45]\d\d x"):
                stream.add(documents)
        else:
            assert stream.add(documents) == refused


def test_the_fields_of_the_common_schema_have_their_types(folder: Path, marker: str) -> None:
    fields = {
        "log.level": "info",
        "trace.id": marker,
        "span.id": marker,
        "actor": marker,
        "duration_ms": 12.5,
        "http.response.status_code": 200,
        "labels.subject": marker,
    }
    append(folder / "pricing.log", line(f"Two words {marker}", correlation_id=marker, **fields))
    sent()
    for name in ("correlation_id", "trace.id", "span.id", "actor", "labels.subject"):
        assert len(found({"term": {name: marker}})) == 1, name
    exact = [
        {"term": {"service.name": "pricing"}},
        {"term": {"log.level": "info"}},
        {"range": {"duration_ms": {"gt": 12, "lt": 13}}},
        {"range": {"http.response.status_code": {"gte": 200}}},
        {"range": {"@timestamp": {"gte": "2024-01-02", "lt": "2024-01-03"}}},
        {"match": {"message": {"query": f"WORDS {marker}", "operator": "and"}}},
    ]
    assert len(found({"bool": {"must": exact}})) == 1


def test_a_secret_that_was_logged_does_not_arrive(folder: Path, marker: str) -> None:
    secret = f"hunter-{marker[6:]}"
    stream = io.StringIO()
    logger = suites_logger(stream)
    logger.info("signed in", correlation_id=marker, password=secret, detail=f"token={secret}")
    append(folder / "pricing.log", stream.getvalue().rstrip("\n"))
    append(folder / "camunda.log", f"{marker} jdbc:postgresql://catalog:{secret}@127.0.0.1/db")
    sent()
    arrived = found({"term": {"correlation_id": marker}}) + with_word(marker)
    assert len(arrived) == 2
    assert "[redacted]" in json.dumps(arrived[0])
    assert secret not in json.dumps(arrived)


def test_an_elasticsearch_that_came_back_empty_gets_the_template_again(
    folder: Path, marker: str, own_stream: str
) -> None:
    one = shipper()
    one.round()
    requests.delete(f"{ELASTICSEARCH}/_index_template/logs-catalog{marker}", timeout=30).raise_for_status()
    append(folder / "pricing.log", line("x", correlation_id=marker))
    with pytest.raises(Away):
        one.round()
    one.round()
    requests.post(f"{ELASTICSEARCH}/{own_stream}/_refresh", timeout=30).raise_for_status()
    answer = requests.get(f"{ELASTICSEARCH}/{own_stream}/_mapping", timeout=30).json()
    mapping = next(iter(answer.values()))["mappings"]["properties"]
    assert mapping["correlation_id"]["type"] == "keyword"


def test_an_index_goes_when_its_last_line_is_too_old(folder: Path, marker: str, own_stream: str) -> None:
    stream = DataStream(ELASTICSEARCH, RETENTION)
    stream.prepare()

    def add(number: int) -> None:
        assert stream.add([(f"{marker}-{number}", line(marker).encode())]) == []

    add(1)
    requests.post(f"{ELASTICSEARCH}/{own_stream}/_rollover", timeout=30).raise_for_status()
    add(2)
    now = time.time()
    assert stream.clear(now=now + 6.9 * 86400) == []
    assert len(stream.clear(now=now + 7.1 * 86400)) == 1
    assert stream.clear(now=now + 365 * 86400) == []  # the one that is written to stays
    requests.post(f"{ELASTICSEARCH}/{own_stream}/_refresh", timeout=30).raise_for_status()
    count = requests.get(f"{ELASTICSEARCH}/{own_stream}/_count", timeout=30).json()["count"]
    assert count == 1


def test_the_oldest_indexes_go_when_there_is_no_room_for_them(
    folder: Path, marker: str, own_stream: str
) -> None:
    DataStream(ELASTICSEARCH, RETENTION).prepare()
    stream = DataStream(ELASTICSEARCH, Retention(days=7, megabytes=1))
    for index in range(4):
        words = base64.b64encode(random.randbytes(300_000)).decode()  # nothing that could be packed
        assert stream.add([(f"{marker}-{index}", line(marker, detail=words).encode())]) == []
        requests.post(f"{ELASTICSEARCH}/{own_stream}/_flush", timeout=30).raise_for_status()
        if index < 3:
            requests.post(f"{ELASTICSEARCH}/{own_stream}/_rollover", timeout=30).raise_for_status()
    assert DataStream(ELASTICSEARCH, RETENTION).old() == []
    oldest = stream.old()
    assert [name.rpartition("-")[2] for name in oldest] == ["000001", "000002"], "two have room in a megabyte"
    assert stream.clear() == oldest
    assert stream.old() == []
