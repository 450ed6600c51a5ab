"""Restoring: everything that can be known is checked first; then each database in one transaction, under a mark that
keeps services from being set up on some old and some new ones.

The databases then are older than what Redis and the store hold: messages and versions of a time that is not any more.
So Redis is emptied, which loses nothing (what was not answered is sent again), and the store forgets everything, its
marks of publications included, and is made anew.
"""

from __future__ import annotations

from collections.abc import Callable

import redis

from apps.runtime import bringup, setup, supervision
from apps.runtime.backup import databases, programs
from apps.runtime.backup.archive import Advance, Archive
from apps.runtime.backup.planning import PARTS_NEEDED, Plan, running
from apps.runtime.errors import RuntimeFault
from apps.runtime.parts import embedded, postgres
from config import env

Say = Callable[[str], None]

# The engine makes its user at its start where there is none, with the password of this installation.
_ENGINE_USER = """
DELETE FROM public.act_id_membership WHERE user_id_ = 'camunda';
DELETE FROM public.act_id_user WHERE id_ = 'camunda';
"""


class RestoreRefused(RuntimeFault):
    """Something does not fit; nothing was touched."""


class RestoreUnfinished(RuntimeFault):
    """It broke off: the databases are not of one moment, and no service is set up on them until it is repeated."""


def start_the_parts() -> None:
    """Start those that a restore needs, where they are ours. Raises ``RuntimeFault``."""
    if not running() and set(PARTS_NEEDED) & set(embedded()):
        bringup.up(with_services=False, choose=PARTS_NEEDED.__contains__, table=False)


def restore(archive: Archive, plan: Plan, *, say: Say, advance: Advance) -> None:
    """Carry out a plan without refusals. Raises ``RestoreRefused`` before anything was touched, ``RestoreUnfinished``
    afterwards."""
    if plan.refusals:
        raise RestoreRefused("\n".join(plan.refusals))
    _stop_the_engine(say)
    for name in postgres.create_databases(databases.ALL):
        say(f"{name}: created")
    try:
        for owner in databases.SERVICE_DATABASES:
            setup.note_unfinished(owner)
        for owner in databases.ALL:
            _restore_one(archive, owner, advance)
        _empty_redis()
        setup.run("store", "forget --yes")
        say("Redis is empty, the store has forgotten everything")
        for owner in databases.SERVICE_DATABASES:
            setup.note_finished(owner)
    except (Exception, KeyboardInterrupt) as error:
        raise RestoreUnfinished(
            f"{type(error).__name__}: {error or 'by you'}\n"
            "The restore broke off, and the databases are not of one moment. No service is set up on them until"
            " it is run again, with --replace."
        ) from error


def _restore_one(archive: Archive, owner: str, advance: Advance) -> None:
    with databases.connect(owner) as session:
        server = databases.server(session)
    after = _ENGINE_USER if owner == databases.ENGINE and not env.part_is_external("camunda") else ""
    programs.load(env.database_url(owner), archive.dump(owner, advance), server=server, after=after)


def _stop_the_engine(say: Say) -> None:
    if supervision.is_alive("camunda"):
        say("The process engine is stopped; it starts again with manage.py up")
        supervision.stop("camunda")
    if databases.ENGINE in postgres.missing(databases.ALL):
        return
    with databases.connect(databases.ENGINE) as session:
        if others := databases.others(session):
            raise RestoreRefused(f"The engine's database is in use by {', '.join(others)}: stop them first.")


def _empty_redis() -> None:
    """The suite's own database of it."""
    with redis.Redis.from_url(env.part_url("redis"), socket_timeout=60) as client:
        client.flushdb()
