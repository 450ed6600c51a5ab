"""PostgreSQL's own programs are the newest; the server need not be."""

from __future__ import annotations

import io

import pytest

from apps.runtime.backup import programs

SCRIPT = b"SET statement_timeout = 0;\nSET transaction_timeout = 0;\nCREATE TABLE a ();\n"


@pytest.mark.parametrize(("server", "told"), [(15, False), (16, False), (17, True), (18, True)])
def test_a_server_is_not_told_of_a_setting_that_it_does_not_know(server: int, told: bool) -> None:
    passed = io.BytesIO()
    programs._pass_on(io.BytesIO(SCRIPT), passed, server)
    assert (b"transaction_timeout" in passed.getvalue()) == told
    assert b"SET statement_timeout = 0;\n" in passed.getvalue()
    assert passed.getvalue().endswith(b"CREATE TABLE a ();\n")


def test_a_password_is_no_argument() -> None:
    command, environment = programs._command("psql", "postgresql://me:hidden@db:5433/catalog?sslmode=prefer")
    assert (
        command[-1]
        == "--dbname=user=me dbname=catalog host=db port=5433 sslmode=prefer application_name=catalog-backup"
    )
    assert environment["PGPASSWORD"] == "hidden"


def test_for_tls_it_takes_programs_that_speak_it_or_says_what_is_missing(tmp_path, monkeypatch) -> None:
    url = "postgresql://me:hidden@db/catalog?sslmode=verify-full"
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(programs.ProgramFailed, match="asks for TLS, which the pg_dump"):
        list(programs.dump(url, "snapshot"))
    own = tmp_path / "pg_dump"
    own.write_text("#!/bin/sh\necho dumped\n")
    own.chmod(0o755)
    assert b"".join(programs.dump(url, "snapshot")) == b"dumped\n"


def test_a_server_that_is_newer_than_pg_dump_is_said_before_anything_is_dumped(tmp_path, monkeypatch) -> None:
    own = tmp_path / "pg_dump"
    asked = tmp_path / "asked"
    own.write_text(
        f"#!/bin/sh\necho x >> {asked}\necho 'pg_dump (PostgreSQL) 17.6 (Debian 17.6-0+deb13u1)'\n"
    )
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    one, other = (f"postgresql://me:hidden@db/{name}?sslmode=require" for name in ("catalog", "offering"))
    programs.require_as_new({one: 17, other: 16})
    assert asked.read_text() == "x\n", "once for all databases"
    with pytest.raises(programs.ProgramTooOld, match=f"{own} is of PostgreSQL 17, and the server is of 18"):
        programs.require_as_new({one: 18, other: 17})
    programs.require_as_new({"postgresql://me:hidden@db/catalog": 18})  # the wheel's own
