"""A line as a document: whatever a program wrote, one that Elasticsearch takes, and no secret of a part in it."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from apps.runtime.log_shipper.documents import document
from apps.runtime.log_shipper.files import Line

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def made(data: bytes, program: str) -> dict[str, object]:
    written = document(Line(program, "1", data, len(data), ()), now=NOW)
    assert b"\n" not in written
    return orjson.loads(written)


def test_a_parts_json_loses_its_secrets_and_stays_json() -> None:
    line = b'{"t":1,"msg":"connecting to mongodb://suite:hunter2@h/ with password=geheim","token":"abc"}'
    found = made(line, "mongodb")
    assert found["t"] == 1
    assert found["service.name"] == "mongodb"
    assert not any(secret in str(found) for secret in ("hunter2", "geheim", "abc"))


def test_a_secret_that_is_no_text_leaves_a_message() -> None:
    found = made(b'{"token":12345678}', "mongodb")
    assert found["message"] == '{"token":[redacted]}'


@pytest.mark.parametrize("program", ["pricing", "mongodb"])
@pytest.mark.parametrize("depth", [300, 3000])
def test_what_is_nested_too_deeply_to_be_written_is_a_message(program: str, depth: int) -> None:
    line = b'{"a":' * depth + b"1" + b"}" * depth
    assert str(made(line, program)["message"]).startswith('{"a":{"a":')


def test_the_suites_own_line_goes_as_it_is() -> None:
    line = b'{"@timestamp":"2026-01-01T00:00:00Z", "service.name":"pricing", "message":"x"}'
    assert document(Line("pricing", "1", line, len(line), ()), now=NOW) == line
