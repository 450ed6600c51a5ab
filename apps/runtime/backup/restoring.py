"""Restoring: everything that can be known is checked first; then each database in one transaction, under a mark that
keeps services from being set up on some old and some new ones.

The databases then are older than what Redis and the store hold: messages and versions of a time that is not any more.
So Redis is emptied, which loses nothing (what was not answered is sent again), and the store forgets everything, its
marks of publications included, and is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import psycopg
import redis

from apps.runtime import bringup, setup, supervision
from apps.runtime.backup import databases, manifest, programs
from apps.runtime.backup.archive import Advance, Archive
from apps.runtime.backup.known import known_migrations
from apps.runtime.errors import RuntimeFault
from apps.runtime.log_shipper import NAME as LOG_SHIPPER
from apps.runtime.parts import BUILDERS, READY, embedded, postgres
from config import env

Say = Callable[[str], None]
PARTS_NEEDED = ("postgres", "redis", "mongodb")

# The engine makes its user at its start where there is none, with the password of this installation.
_ENGINE_USER = """
DELETE FROM public.act_id_membership WHERE user_id_ = 'camunda';
DELETE FROM public.act_id_user WHERE id_ = 'camunda';
"""


class RestoreRefused(RuntimeFault):
    """Something does not fit; nothing was touched."""


class RestoreUnfinished(RuntimeFault):
    """It broke off: the databases are not of one moment, and no service is set up on them until it is repeated."""


@dataclass(slots=True)
class Plan:
    """What a restore would do. ``refusals`` keep it from being done, ``notes`` are to be known."""

    create: list[str] = field(default_factory=list)
    replace: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def told(self) -> list[str]:
        """What would be done, and what is to be known of it."""
        made = [f"The database of {owner} will be made." for owner in self.create]
        lost = [f"What {name} holds will be lost: {what}." for name, what in self.replace.items()]
        return [*made, *lost, *self.notes]


def start_the_parts() -> None:
    """Start those that a restore needs, where they are ours. Raises ``RuntimeFault``."""
    if not _running() and set(PARTS_NEEDED) & set(embedded()):
        bringup.up(with_services=False, choose=PARTS_NEEDED.__contains__, table=False)


def planned(archive: Archive, *, replace: bool) -> Plan:
    """Look at everything and touch nothing."""
    plan = Plan()
    if running := _running():
        plan.refusals.append(f"Services run: {', '.join(running)}. Stop them first: manage.py down.")
    if unready := [name for name in PARTS_NEEDED if not _is_ready(name)]:
        plan.refusals.append(f"Not reachable: {', '.join(unready)}.")
        return plan
    _look_at_the_archive(archive, plan)
    plan.create = databases.missing()
    for owner in databases.ALL:
        if owner in archive.manifest.databases and owner not in plan.create:
            _look_at_the_database(owner, archive, plan)
    if messages := _messages():
        plan.replace["redis"] = f"{messages} keys"
    if plan.replace and not replace:
        found = ", ".join(f"{name} ({what})" for name, what in plan.replace.items())
        plan.refusals.append(f"This installation is not empty: {found}. To lose all that, add --replace.")
    return plan


def restore(archive: Archive, plan: Plan, *, say: Say, advance: Advance) -> None:
    """Carry out a plan without refusals. Raises ``RestoreRefused`` before anything was touched, ``RestoreUnfinished``
    afterwards."""
    if plan.refusals:
        raise RestoreRefused("\n".join(plan.refusals))
    _stop_the_engine(say)
    for name in postgres.create_databases():
        say(f"{name}: created")
    try:
        for owner in databases.SERVICE_DATABASES:
            setup.note_unfinished(owner)
        for owner in databases.ALL:
            _restore_one(archive, owner, advance)
        _empty_redis()
        setup.run("store", "forget")
        say("Redis is empty, the store has forgotten everything")
        for owner in databases.SERVICE_DATABASES:
            setup.note_finished(owner)
    except Exception as error:
        raise RestoreUnfinished(
            f"{type(error).__name__}: {error}\n"
            "The restore broke off, and the databases are not of one moment. No service is set up on them until"
            " it is run again, with --replace."
        ) from error


def _restore_one(archive: Archive, owner: str, advance: Advance) -> None:
    with databases.connect(owner) as session:
        server = databases.server(session)
    after = _ENGINE_USER if owner == databases.ENGINE and not env.part_is_external("camunda") else ""
    programs.load(env.database_url(owner), archive.dump(owner, advance), server=server, after=after)


def _running() -> list[str]:
    """Our own processes that use the databases; elsewhere, who is connected tells."""
    return [
        name
        for name, row in supervision.states().items()
        if row["pid"] and name not in BUILDERS and name != LOG_SHIPPER
    ]


def _is_ready(part: str) -> bool:
    try:
        return READY[part]()
    except Exception:  # whatever its client raises
        return False


def _look_at_the_archive(archive: Archive, plan: Plan) -> None:
    told = archive.manifest
    if differing := set(databases.ALL) ^ set(told.databases):
        plan.refusals.append(
            f"The archive is of a suite with other databases: {', '.join(sorted(differing))}."
        )
    known = known_migrations()
    for owner, member in told.databases.items():
        if unknown := sorted(set(member.migrations) - known):
            plan.refusals.append(
                f"The archive is of a newer version ({told.suite}): of {owner} it has migrations that this one does"
                f" not know: {', '.join(unknown)}."
            )
        elif newer := _newer(member.migrations, known):
            plan.notes.append(
                f"The archive is older: {', '.join(newer)} will be applied to {owner} by manage.py up (or migrate-all)."
            )
    if told.secret_key != manifest.secret_key_digest():
        plan.notes.append(
            "DJANGO_SECRET_KEY is not that of the backup: new signing keys are made, and everybody signs in again."
        )


def _newer(applied: Collection[str], known: Collection[str]) -> list[str]:
    """What this version knows beyond ``applied``, of the same apps."""
    apps = {name.partition(".")[0] for name in applied}
    return sorted(name for name in set(known) - set(applied) if name.partition(".")[0] in apps)


def _look_at_the_database(owner: str, archive: Archive, plan: Plan) -> None:
    member = archive.manifest.databases[owner]
    try:
        with databases.connect(owner) as session:
            if (server := databases.server(session)) < member.server:
                plan.refusals.append(
                    f"The dump of {owner} is from PostgreSQL {member.server}; here it is {server}, which is older."
                )
            if (engine := databases.engine(session)) and engine != member.engine:
                plan.refusals.append(
                    f"The engine's tables are of version {engine} here and of {member.engine} in the archive:"
                    " restore with the engine of that time, then bring the engine's new version."
                )
            if what := databases.content(session):
                plan.replace[owner] = what
            if (others := databases.others(session)) and not _is_our_engine(owner):
                plan.refusals.append(
                    f"The database of {owner} is in use by {', '.join(others)}: stop them first."
                )
    except psycopg.Error as error:
        plan.refusals.append(f"The database of {owner} does not answer: {error}".strip())


def _is_our_engine(owner: str) -> bool:
    """Whether who is connected is the engine that is stopped before anything is touched."""
    return owner == databases.ENGINE and not env.part_is_external("camunda")


def _stop_the_engine(say: Say) -> None:
    if supervision.is_alive("camunda"):
        say("The process engine is stopped; it starts again with manage.py up")
        supervision.stop("camunda")
    if databases.ENGINE in databases.missing():
        return
    with databases.connect(databases.ENGINE) as session:
        if others := databases.others(session):
            raise RestoreRefused(f"The engine's database is in use by {', '.join(others)}: stop them first.")


def _messages() -> int:
    """Keys that the suite has in Redis, but for those that any Celery client leaves there."""
    with redis.Redis.from_url(env.part_url("redis"), socket_timeout=5) as client:
        return sum(not key.startswith(b"_kombu.binding.") for key in client.scan_iter(count=1000))


def _empty_redis() -> None:
    """The suite's own database of it."""
    with redis.Redis.from_url(env.part_url("redis"), socket_timeout=60) as client:
        client.flushdb()
