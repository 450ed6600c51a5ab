"""Making a service's stores ready before its processes start: migrations, static files, signing keys.

Loading Django costs two seconds of processor per service, so a service whose migrations have not changed
since they last ran is skipped: a comment on its database says which ones it has. ``migrate-all`` always runs.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys

import psycopg
from psycopg import sql

from apps.core import http
from apps.runtime.errors import StartFailed
from config import env
from config.services import SERVICES, Service

LOCK = env.BASE_DIR / "requirements" / "base.lock"
STATIC_FILES = "collectstatic --noinput --verbosity=0"
# Run in this order before the service's processes; each can be repeated.
EVERY_SERVICE = ("migrate --noinput", STATIC_FILES)
WHAT_IS_SET_UP = ("*/*/migrations/*.py", "apps/*/static/**/*", "catalog_services/*/static/**/*")
UNFINISHED = "A restore is not finished."
"""A database's comment while a restore is at it, or after one that broke off."""
SECRETS_OF_IDENTITY = ("DJANGO_SECRET_KEY", "ADMIN_PASSWORD", "MANAGER_PASSWORD", "VIEWER_PASSWORD")
"""Beside every service's client secret."""


def connect(service: str) -> psycopg.Connection:
    return psycopg.connect(env.database_url(service), autocommit=True, connect_timeout=5)


def fingerprint(service: str, connection: psycopg.Connection) -> str:
    """Digest of all migrations and static files in the tree, of the migrations that the database says it has, and of
    the secrets that it holds in another shape: hashed, or as what its keys are encrypted with."""
    digest = hashlib.sha256(LOCK.read_bytes())
    if service == "identity":
        secrets = [*map(env.secret, SECRETS_OF_IDENTITY), *map(env.client_secret, SERVICES)]
        digest.update(repr(secrets).encode())
    for path in sorted(path for pattern in WHAT_IS_SET_UP for path in env.BASE_DIR.glob(pattern)):
        if path.is_file():
            digest.update(path.read_bytes())
    exists = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    if exists and exists[0]:
        for row in connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2"):
            digest.update(repr(row).encode())
    return f"{service} set up at {digest.hexdigest()[:16]}"


def is_current(service: str) -> bool:
    """Whether nothing changed since this service was last set up."""
    if not (env.state_dir() / "static" / service).exists():
        return False
    with connect(service) as connection:
        return _noted(connection) == fingerprint(service, connection)


def restore_is_unfinished(service: str) -> bool:
    """Whether a restore is at this service's database, or broke off."""
    with connect(service) as connection:
        return _noted(connection) == UNFINISHED


def _noted(connection: psycopg.Connection) -> str | None:
    """What the comment on a database says."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    found = connection.execute(query).fetchone()
    return found[0] if found else None


def note(service: str) -> None:
    """This service is set up, as of now."""
    with connect(service) as connection:
        _note(connection, fingerprint(service, connection))


def note_unfinished(service: str) -> None:
    """A restore has begun: nothing is set up on this database until ``note_finished``."""
    with connect(service) as connection:
        _note(connection, UNFINISHED)


def note_finished(service: str) -> None:
    """A restore is done: the database is to be set up anew."""
    with connect(service) as connection:
        _note(connection, None)


def _note(connection: psycopg.Connection, text: str | None) -> None:
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(connection.info.dbname), sql.Literal(text)
    )
    connection.execute(statement)


def set_up(service: Service, *, always: bool = False) -> bool:
    """Migrate a service's database, collect its static files and run its one-off commands; False: nothing to do.

    Raises ``StartFailed``, also while a restore of the databases is not finished.
    """
    if restore_is_unfinished(service.name):
        raise StartFailed(
            "A restore broke off, and the databases are not of one moment."
            " Run manage.py restore again, with --replace."
        )
    if not always and is_current(service.name):
        return False
    run(service.name, *EVERY_SERVICE, *more(service.name))
    note(service.name)
    return True


def more(service: str) -> tuple[str, ...]:
    """What one service needs beside its migrations."""
    if service != "identity":
        return ()
    return ("generate_keys", "ensure_clients", *(() if env.is_production() else ("ensure_demo_users",)))


def diagrams_are_deployed() -> bool:
    """Whether the engine's newest version of every saga is the diagram in this tree."""
    for diagram in (env.BASE_DIR / "bpmn").glob("*.bpmn"):
        text = diagram.read_text()
        key = re.search(r'<(?:\w+:)?process [^>]*\bid="([^"]+)"', text)
        url = f"{env.part_url('camunda')}/process-definition/key/{key.group(1) if key else ''}/xml"
        answer = http.get(url, timeout=10)
        if answer.status_code != 200 or answer.json()["bpmn20Xml"] != text:
            return False
    return True


def deploy_diagrams() -> bool:
    """Bring the sagas' diagrams into the engine; False when they are there."""
    if diagrams_are_deployed():
        return False
    run("offering", "deploy_bpmn")
    return True


def shown(service: str, command: str, *options: str) -> bool:
    """Run a management command of a service for a person to watch; whether it succeeded."""
    called = [sys.executable, "manage.py", service, command, *options]
    return subprocess.run(called, cwd=env.BASE_DIR, check=False).returncode == 0


def run(service: str, *commands: str) -> str:
    """Run Django management commands of a service in one process that nobody watches, so that none of them asks;
    gives what they say. Raises StartFailed with it."""
    command = [sys.executable, "-m", "apps.runtime.django_steps", service, *commands]
    done = subprocess.run(
        command, cwd=env.BASE_DIR, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise StartFailed(f"{service}: {' '.join(commands)} failed.\n{output}")
    return done.stdout
