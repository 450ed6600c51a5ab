"""What a restore would do, and what keeps it from being done: all that can be known before anything is touched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import psycopg
import redis

from apps.runtime import image, supervision
from apps.runtime.backup import databases, manifest
from apps.runtime.backup.archive import Archive
from apps.runtime.backup.known import known_migrations
from apps.runtime.log_shipper import NAME as LOG_SHIPPER
from apps.runtime.parts import BUILDERS, READY, external, postgres
from config import env

PARTS_NEEDED = ("postgres", "redis", "mongodb")


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


def planned(archive: Archive, *, replace: bool, started: bool = True) -> Plan:
    """Look at everything and touch nothing. Before our own parts were ``started``, those that do not run are told of
    and not looked at."""
    plan = Plan()
    if services := running():
        plan.refusals.append(f"Services run: {', '.join(services)}. Stop them first: manage.py down.")
    _look_at_the_archive(archive, plan)
    if unready := [name for name in PARTS_NEEDED if not _is_ready(name)]:
        if started or set(unready) & set(external()):
            plan.refusals.append(f"Not reachable: {', '.join(unready)}.")
        else:
            plan.notes.append(
                f"Not looked at, for it does not run and would be started: what is in {', '.join(unready)}."
            )
        return plan
    plan.create = list(postgres.missing(databases.ALL))
    for owner in databases.ALL:
        if owner in archive.manifest.databases and owner not in plan.create:
            _look_at_the_database(owner, archive, plan)
    if messages := _messages():
        plan.replace["redis"] = f"{messages} keys"
    if plan.replace and not replace:
        found = ", ".join(f"{name} ({what})" for name, what in plan.replace.items())
        plan.refusals.append(f"This installation is not empty: {found}. To lose all that, add --replace.")
    return plan


def running() -> list[str]:
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
    by = image.INSTEAD if image.is_this() else "manage.py up (or migrate-all)"
    for owner, member in told.databases.items():
        if unknown := sorted(set(member.migrations) - known):
            plan.refusals.append(
                f"The archive is of a newer version ({told.suite}): of {owner} it has migrations that this one does"
                f" not know: {', '.join(unknown)}."
            )
        elif newer := _newer(member.migrations, known):
            plan.notes.append(f"The archive is older: {', '.join(newer)} will be applied to {owner} by {by}.")
    if told.secret_key != manifest.secret_key_digest():
        plan.notes.append(
            "DJANGO_SECRET_KEY is not that of the backup: new signing keys are made. Tokens of the old ones are good"
            " until they expire; to end them, run manage.py identity rotate_keys --compromised once it is up."
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
            if not _is_our_engine(owner) and (others := databases.others(session)):
                plan.refusals.append(
                    f"The database of {owner} is in use by {', '.join(others)}: stop them first."
                )
    except psycopg.Error as error:
        plan.refusals.append(f"The database of {owner} does not answer: {error}".strip())


def _is_our_engine(owner: str) -> bool:
    """Whether who is connected is the engine that is stopped before anything is touched."""
    return owner == databases.ENGINE and not env.part_is_external("camunda")


def _messages() -> int:
    """Keys that the suite has in Redis, but for those that any Celery client leaves there."""
    with redis.Redis.from_url(env.part_url("redis"), socket_timeout=5) as client:
        return sum(not key.startswith(b"_kombu.binding.") for key in client.scan_iter(count=1000))
