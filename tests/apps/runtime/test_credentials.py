"""Secrets are made once, differ per instance, and do not leak into another instance's processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from apps.runtime import bringup, credentials
from apps.runtime.errors import NothingIsStartedHere
from config import env


def test_secrets_are_made_once_and_stay(instance: Path) -> None:
    first = credentials.secrets_file().read_text()
    credentials.ensure()
    assert credentials.secrets_file().read_text() == first
    assert {line.split("=")[0] for line in first.splitlines()} == set(credentials.GENERATED)
    assert all(len(line.split("=", 1)[1]) >= 32 for line in first.splitlines())


def test_a_secret_that_a_later_version_adds_is_made_beside_the_old_ones(instance: Path) -> None:
    kept = credentials.secrets_file().read_text().splitlines()[1:]
    credentials.secrets_file().write_text("\n".join(kept) + "\n")
    credentials.ensure()
    lines = credentials.secrets_file().read_text().splitlines()
    assert set(kept) < set(lines)
    assert {line.split("=")[0] for line in lines} == set(credentials.GENERATED)


def test_who_erases_an_instance_and_begins_it_anew_uses_the_secrets_that_are_in_the_file(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWER_PASSWORD", "my own")
    before = env.secret("REDIS_PASSWORD")
    bringup.erase_data()
    credentials.ensure()
    assert f"REDIS_PASSWORD={env.secret('REDIS_PASSWORD')}\n" in credentials.secrets_file().read_text()
    assert env.secret("REDIS_PASSWORD") != before
    assert env.secret("FLOWER_PASSWORD") == "my own"


def test_the_secrets_are_in_the_urls_of_the_parts(instance: Path) -> None:
    assert env.secret("REDIS_PASSWORD") in env.part_url("redis")
    assert env.secret("POSTGRES_PASSWORD") in env.database_url("pricing")


def test_a_child_for_another_instance_does_not_inherit_ours(instance: Path) -> None:
    child = credentials.without_secrets()
    assert set(credentials.GENERATED) & set(os.environ)
    assert not set(credentials.GENERATED) & set(child)
    assert child["PATH"] == os.environ["PATH"]


def test_a_secret_set_by_the_person_is_kept_for_the_child(instance: Path) -> None:
    assert credentials.without_secrets({"POSTGRES_PASSWORD": "my own"}) == {"POSTGRES_PASSWORD": "my own"}


def test_where_they_cannot_be_kept_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").touch()
    monkeypatch.setenv("RUN_DIR", str(tmp_path / "run"))
    with pytest.raises(NothingIsStartedHere, match=r"cannot be kept in .*/secrets.env: Not a directory"):
        credentials.ensure()
