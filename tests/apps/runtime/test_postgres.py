"""The embedded PostgreSQL: durable, private, and able to come back after any death."""

from __future__ import annotations

import os
import signal

import psutil
import psycopg
import pytest

from apps.runtime import credentials, parts, paths, suite, supervision
from apps.runtime.parts import postgres
from config import env


@pytest.fixture
def server(database_server) -> int:
    """The pid of the running server."""
    return int(supervision.states()["postgres"]["pid"])


def test_every_service_gets_its_database_on_a_durable_server(server) -> None:
    with postgres.connect() as connection:
        names = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        assert {"catalog_pricing", "catalog_identity", f"catalog_{env.process_engine()}"} <= names
        assert "catalog_gateway" not in names
        for setting, value in {"fsync": "on", "max_connections": "300", "full_page_writes": "on"}.items():
            assert connection.execute(f"SHOW {setting}").fetchone() == (value,)


def test_a_wrong_password_is_refused(server) -> None:
    url = env.part_url("postgres").replace(env.secret("POSTGRES_PASSWORD"), "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{url}/postgres")


def test_it_comes_back_with_its_data_after_kill_9_and_a_stale_lock_that_names_a_stranger(
    server,
) -> None:
    with postgres.connect() as connection:
        connection.execute("CREATE TABLE kept (value int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    for pid in (int(supervision.pid_file().read_text()), server):
        process = psutil.Process(pid)
        process.send_signal(signal.SIGKILL)
        psutil.wait_procs([process], timeout=10)
    lock = paths.shielded_dir("postgres") / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(stranger()), *lines[1:]]) + "\n")
    suite.bring_up([parts.BUILDERS["postgres"]()])
    with postgres.connect() as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)


def stranger() -> int:
    """A living process that is none of ours: the lock's owner after its pid was given away again."""
    return psutil.Process().ppid()


def test_a_lost_state_folder_with_new_secrets_still_opens_the_data(server) -> None:
    suite.take_down()
    credentials.secrets_file().unlink()
    for name in credentials.GENERATED:
        del os.environ[name]
    credentials.ensure()
    suite.bring_up([parts.BUILDERS["postgres"]()])
    assert postgres.ready()
