"""The databases of a backup: whose they are, what state their schema is in, what is in them, who is at them."""

from __future__ import annotations

import time

import psycopg

from config import env
from config.services import SERVICES

ENGINE = env.process_engine()
SERVICE_DATABASES = tuple(service.name for service in SERVICES.values() if service.database)
ALL = (*SERVICE_DATABASES, ENGINE)
"""In the order in which they are held: who asks the engine does so within a transaction of a service's database."""

_LEAVING_SECONDS = 2.0
_ENGINE_VERSION = (
    "SELECT version_ FROM act_ge_schema_log ORDER BY timestamp_ DESC, length(id_) DESC, id_ DESC LIMIT 1"
)


def urls() -> dict[str, str]:
    return {owner: env.database_url(owner) for owner in ALL}


def connect(owner: str) -> psycopg.Connection:
    """Raises ``psycopg.Error``; ``exists`` says whether there is something to connect to."""
    return psycopg.connect(
        env.database_url(owner), autocommit=True, connect_timeout=5, application_name="catalog-backup"
    )


def server(session: psycopg.Connection) -> int:
    """PostgreSQL's major version."""
    return session.info.server_version // 10_000


def migrations(session: psycopg.Connection) -> tuple[str, ...]:
    """``app.name`` of all that were applied, sorted."""
    if not _has(session, "django_migrations"):
        return ()
    return tuple(
        row[0] for row in session.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    )


def engine(session: psycopg.Connection) -> str:
    """The version of the engine's tables; empty where there are none."""
    if not _has(session, "act_ge_schema_log"):
        return ""
    found = session.execute(_ENGINE_VERSION).fetchone()
    return str(found[0]) if found else ""


def content(session: psycopg.Connection) -> str:
    """What a restore would replace, in words; empty when it is nothing. An engine that has only started has tables."""
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    told = "{} tables"
    if _has(session, "act_re_deployment"):
        query = "SELECT (SELECT count(*) FROM act_re_deployment) + (SELECT count(*) FROM act_hi_procinst)"
        told = "{} deployments and processes"
    found = session.execute(query).fetchone()
    return told.format(found[0]) if found and found[0] else ""


def others(session: psycopg.Connection) -> list[str]:
    """Who else is connected and stays, by the names that they go by: who was just closed takes a moment to be gone."""
    until = time.monotonic() + _LEAVING_SECONDS
    while (found := _connected(session)) and time.monotonic() < until:
        time.sleep(_LEAVING_SECONDS / 40)
    return found


def _connected(session: psycopg.Connection) -> list[str]:
    query = (
        "SELECT DISTINCT coalesce(nullif(application_name, ''), host(client_addr), 'somebody') FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL ORDER BY 1"
    )
    return [row[0] for row in session.execute(query)]


def _has(session: psycopg.Connection, table: str) -> bool:
    found = session.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"]).fetchone()
    return bool(found and found[0])
