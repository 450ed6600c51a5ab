"""The running suite as the harness sees it: its processes to kill, its parts to stop, its tables to count in."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psutil
import psycopg
import redis

from apps.runtime import processes, suite, supervision
from apps.runtime.program import Program
from catalog_services.store.projection import dirty
from catalog_services.store.stores import generations, mongo
from config import env
from config.services import WRITE_SERVICES

LOOK_EVERY_SECONDS = 0.05
NOTICED_SECONDS = 10.0


@cache
def programs() -> dict[str, Program]:
    """Every program of this instance, by name."""
    return {program.name: program for program in suite.known_programs()}


def pid_of(name: str) -> int:
    """The process that the supervisor watches; 0 while there is none."""
    return int(supervision.states().get(name, {}).get("pid", 0))


def kill(name: str, *, only: str = "all") -> str:
    """SIGKILL a program: ``all`` of it, its ``main`` process, or one ``child``; says what was killed.

    Returns when its supervisor has noticed: orphans of a ``main`` process may answer for a moment, and then leave.
    """
    family = processes.family(pid_of(name))
    children = family[1:]
    victims = {"all": family, "main": family[:1], "child": children[-1:] or family[:1]}[only]
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    killed = {victim.pid for victim in victims}
    deadline = time.monotonic() + NOTICED_SECONDS
    while pid_of(name) in killed and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_SECONDS)
    return f"kill -9 of {name} ({only}, {len(victims)} processes)"


def stop(name: str) -> None:
    supervision.stop(name)


def start(name: str) -> None:
    supervision.start(name)


def await_back(names: Sequence[str], *, seconds: float) -> None:
    """Return when every program runs and serves again. Raises ``TimeoutError`` naming the first that does not."""
    deadline = time.monotonic() + seconds
    for name in names:
        while not _serves(programs()[name]):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} is not back after {seconds:g} s")
            time.sleep(LOOK_EVERY_SECONDS)


def _serves(program: Program) -> bool:
    if supervision.states().get(program.name, {}).get("statename") != "RUNNING":
        return False
    try:
        return program.ready()
    except Exception:  # whatever its client raises means: not yet
        return False


def flush_broker() -> None:
    """Everything that Redis holds is gone, at once."""
    with redis.Redis.from_url(env.part_url("redis"), socket_timeout=5) as broker:
        broker.flushall()


def cut_connections(service: str) -> int:
    """End every connection to a service's database; gives how many."""
    with psycopg.connect(env.database_url(service), autocommit=True) as connection:
        cursor = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int((cursor.fetchone() or (0,))[0])


@contextmanager
def _database(service: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(env.database_url(service), autocommit=True, connect_timeout=5) as connection:
        yield connection


def rows(service: str, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a query on a service's database, over a connection of its own: the others may have been cut."""
    with _database(service) as connection:
        return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]


def backlog() -> dict[str, int]:
    """What is still to be done, by kind; empty when all has settled."""
    # From causes to what they cause: what goes on between two looks is met by the second.
    found: dict[str, int] = {}
    open_ = "SELECT count(*) FROM offering_publication WHERE state NOT IN ('DONE', 'FAILED')"
    found["publications"] = rows("offering", open_)[0][0]
    found["price holds"] = rows("pricing", "SELECT count(*) FROM pricing_pricehold")[0][0]
    for service in WRITE_SERVICES:
        query = "SELECT count(*) FROM outbox_delivery WHERE state IN ('pending', 'sent')"
        found[f"deliveries of {service}"] = rows(service, query)[0][0]
    database = mongo.writing()
    found["dirty marks"] = sum(
        dirty.count(database, generation) for generation in generations.ensure(database).written
    )
    return {kind: count for kind, count in found.items() if count}


def settle(*, seconds: float) -> tuple[float, dict[str, int]]:
    """Wait until nothing is left to be done; gives how long that took and what was left after ``seconds``."""
    started = time.monotonic()
    while True:
        try:
            left = backlog()
        except Exception as error:  # a store that is not back yet
            left = {f"{type(error).__name__}: {error}"[:120]: 1}
        waited = time.monotonic() - started
        if not left or waited > seconds:
            return waited, left
        time.sleep(LOOK_EVERY_SECONDS)


def memory() -> dict[str, int]:
    """Bytes (proportional set size) of every running program with its children."""
    return {name: processes.memory(pid) for name in programs() if (pid := pid_of(name))}
