"""A part whose URL is set in the environment is used and never started."""

from __future__ import annotations

import json

import pytest

from apps.runtime import parts, suite
from apps.runtime.errors import StartFailed
from config.parts import NOWHERE, PARTS


def test_a_part_that_stands_elsewhere_is_used_and_not_started(manage) -> None:
    assert manage("up", "--parts").returncode == 0
    rows = {row["name"]: row for row in json.loads(manage("status", "--json").stdout)}
    assert rows["redis"]["state"] in {"starting", "running"}  # it answers; its supervisor waits a second
    external = {name for name, row in rows.items() if row["state"] == "external"}
    assert external == {"postgres", "mongodb", "elasticsearch", "camunda", "zipkin", "flower"}
    assert all(rows[name]["pid"] == 0 for name in external)


def test_its_credentials_are_not_shown(manage) -> None:
    url = "redis://:a-password-of-mine@127.0.0.1:1/0"
    assert "a-password-of-mine" not in manage("status", REDIS_URL=url).stdout


def test_every_part_of_the_registry_can_be_started_and_checked(instance) -> None:
    assert set(parts.BUILDERS) == set(parts.READY) == set(PARTS)


def test_a_console_that_is_to_be_nowhere_is_neither_started_nor_asked_and_nothing_else_can_be(
    instance, monkeypatch
) -> None:
    for part in ("zipkin", "flower", "camunda"):
        monkeypatch.setenv(PARTS[part].variable, NOWHERE)
    assert set(parts.embedded()) == PARTS.keys() - {"zipkin", "flower", "camunda"}
    assert parts.external() == ["camunda"]


def test_a_part_elsewhere_that_does_not_answer_is_said(instance, monkeypatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    with pytest.raises(StartFailed, match="redis is set to stand elsewhere"):
        suite.check_external(["redis"], seconds=0.1)
