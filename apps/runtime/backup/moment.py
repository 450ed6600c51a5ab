"""One moment of several databases: all snapshots are exported while no database takes a write.

In each database a session locks every table against writes, which waits for the transactions that are at it and
holds back the next. When all databases are held, each exports a snapshot, and the locks go. So whatever follows from
something that happened elsewhere (a reference, a receipt, a finished step) has its cause in the other database's
snapshot. The locks are transactions of their own: they go with this process, however it ends, and a server ends those
of a process that stands still.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import errors, sql

from apps.core import clock
from apps.core.sessions import watch
from apps.runtime.errors import RuntimeFault

HOLD_SECONDS = 0.8
"""The longest that a try may hold writes. Below PostgreSQL's deadlock_timeout: where our locks and somebody's cross, we
are the one who gives up, and nobody's request fails."""
_PAUSE_SECONDS = 0.3, 1.0

# About the order in which transactions come to their tables: who comes in another one costs us a try, no more.
_FIRST = ("outbox_inboxrecord", "outbox_tombstone", "act_ru_execution")
_LAST = ("outbox_outboxevent", "outbox_delivery", "exchange_")

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
# VACUUM, ANALYZE and the making of indexes: they may take minutes, and a write that waits for us would wait for them.
_AT_WORK = """
SELECT relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation
 WHERE mode = 'ShareUpdateExclusiveLock' AND granted AND relnamespace = 'public'::regnamespace
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
 LIMIT 1
"""
_PASSING = (psycopg.OperationalError, errors.UndefinedTable, errors.IdleInTransactionSessionTimeout)
_NO_TIMEOUTS = """
SELECT set_config(name, '0', false) FROM pg_settings
 WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout',
                'transaction_timeout')
"""


class NoMoment(RuntimeFault):
    """The databases could not be held at one moment; they were let go, and nothing else was done."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``snapshots`` by database, each held by its session in ``sessions`` until the block ends. ``held`` is for how
    many seconds writes waited, at most, in the ``tries``-th try."""

    at: datetime
    held: float
    tries: int
    snapshots: Mapping[str, str]
    sessions: Mapping[str, psycopg.Connection]


@contextmanager
def moment(urls: Mapping[str, str], *, patience: float) -> Iterator[Moment]:
    """A moment of the databases ``urls`` (name -> URL). Raises ``NoMoment`` when there is none within ``patience``
    seconds, or a database does not let us."""
    until, tries = time.monotonic() + patience, 0
    while True:
        tries += 1
        with ExitStack() as stack:
            try:
                found = _tried(stack, urls, tries)
            except _PASSING as error:
                reason = f"{type(error).__name__}: {error}".strip()
            except psycopg.Error as error:
                raise NoMoment(f"A database does not let itself be held: {error}") from error
            else:
                yield found
                return
        if time.monotonic() > until:
            raise NoMoment(f"No moment was found in {patience:g} s and {tries} tries: {reason}. Try again.")
        time.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 (not for secrets)


def _tried(stack: ExitStack, urls: Mapping[str, str], tries: int) -> Moment:
    readers = {name: stack.enter_context(closing(_session(name, url))) for name, url in urls.items()}
    with ExitStack() as holding:
        holders = {name: holding.enter_context(closing(_session(name, url))) for name, url in urls.items()}
        tables = {name: _tables(name, session) for name, session in holders.items()}
        for reader in readers.values():
            reader.execute(_NO_TIMEOUTS)
            reader.execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )  # of the moment of its first query
        for holder in holders.values():
            holder.execute("BEGIN")
            holder.execute(f"SET LOCAL idle_in_transaction_session_timeout = {int(HOLD_SECONDS * 1000)}")
        begun = time.monotonic()
        for name, holder in holders.items():
            _hold(holder, tables[name], seconds=begun + HOLD_SECONDS - time.monotonic())
        at = clock.now()
        snapshots = {name: _snapshot(reader) for name, reader in readers.items()}
        # That each answers says that it held until now.
        for holder in holders.values():
            holder.execute("ROLLBACK")
        held = time.monotonic() - begun
    return Moment(at, held, tries, snapshots, readers)


def _session(name: str, url: str) -> psycopg.Connection:
    try:
        session = psycopg.connect(
            url, autocommit=True, connect_timeout=5, prepare_threshold=None, application_name="catalog-backup"
        )
        watch(session)  # a backup whose host dies holds nobody's writes for hours
        return session
    except psycopg.Error as error:
        told = f"{name.upper()}_DATABASE_URL says where it is, or else POSTGRES_URL."
        raise NoMoment(f"The database of {name} does not answer: {str(error).strip()} ({told})") from error


def _tables(name: str, session: psycopg.Connection) -> list[str]:
    """In the order in which they are locked. Raises ``OperationalError`` while one cannot be, and ``NoMoment``."""
    if busy := session.execute(_AT_WORK).fetchone():
        raise errors.LockNotAvailable(f"in the database of {name}, {busy[0]} is being vacuumed or indexed")
    found = [row[0] for row in session.execute(_TABLES)]
    if not found:
        raise NoMoment(f"The database of {name} is empty: there is nothing to back up.")
    return sorted(found, key=lambda table: (_turn(table), table))


def _turn(table: str) -> int:
    for turns, names in ((-len(_FIRST), _FIRST), (1, _LAST)):
        for number, name in enumerate(names):
            if table.startswith(name):
                return turns + number
    return 0


def _hold(session: psycopg.Connection, tables: list[str], *, seconds: float) -> None:
    """Lock tables against writes, within ``seconds``; reads go on."""
    session.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
    names = sql.SQL(", ").join(sql.Identifier("public", table) for table in tables)
    session.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(names))


def _snapshot(session: psycopg.Connection) -> str:
    found = session.execute("SELECT pg_export_snapshot()").fetchone()
    return str(found[0]) if found else ""
