"""What is wrong with this instance, and the command that mends it; looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any

import psycopg
import requests

from apps.core import http
from apps.runtime import image, paths, report, services, setup, suite, supervision
from apps.runtime.errors import DiskFull
from apps.runtime.log_shipper import program as log_shipper
from config import env
from config.parts import OPTIONAL
from config.services import SERVICES, Service


@dataclass(frozen=True, slots=True)
class Commands:
    """What is done in another way where the suite was not started from here: to start what does not run, to start all
    of it anew, to set up what it needs, and to look at what runs."""

    up: str
    anew: str
    set_up: str
    look: str


HERE = Commands(
    up="manage.py up",
    anew="manage.py down, then manage.py up",
    set_up="manage.py migrate-all",
    look="manage.py status",
)
ELSEWHERE = Commands(
    up="start it where it runs: docker compose up -d, or kubectl",
    anew="docker compose down, then docker compose up -d (helm upgrade, then kubectl rollout restart deployment)",
    set_up=image.INSTEAD,
    look="docker compose ps, or kubectl get pods",
)

LOOK_AT_ITS_LOG = "{look}, then its log"
# What a service's part that is down asks for; {service} is who tells. Anything else: see what runs.
CURES = {
    "deliveries": "{look}, then the log of the subscriber's worker",
    "dead_letters": "manage.py {service} dead_letters list",
    "signing_key": "manage.py identity generate_keys; where that finds nothing to do, restart identity: it was"
    " started with another DJANGO_SECRET_KEY",
    "publications": "manage.py offering publications list; when what it names is mended,"
    " manage.py offering publications retry",
    "projection": "manage.py store verify --repair",
    "mongodb writes": "make room for MongoDB",
    "elasticsearch writes": "make room for Elasticsearch; it takes writes again by itself",
}
LOGS_BEHIND_MB = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` is wrong and the ``cure``: a command, or what a person has to do."""

    what: str
    cure: str


def examine() -> list[Finding]:
    """Everything found, the causes before what may follow from them; empty when all is well."""
    if unfinished := [*_restore()]:  # until then nothing is started or set up: that follows from it
        return [*_space(), *unfinished]
    ours = supervision.running()  # else each process is a container, or a unit of somebody's own
    if not ours and not image.is_this() and not _answers(SERVICES["gateway"]):
        return [*_space(), Finding("The suite does not run.", HERE.up)]
    commands = HERE if ours else ELSEWHERE
    away = _away()
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        told = pool.map(lambda service: [*_service(service, away, commands)], SERVICES.values())
        found = [*_space()]
        found += _processes() if ours else ()
        found += [*_parts(away), *_databases(commands), *_diagrams(commands)]
        found += _logs() if ours else ()
        return [*found, *chain.from_iterable(told)]


def _answers(service: Service) -> bool:
    try:
        return http.get(f"{env.service_url(service.name)}/health/live", timeout=5).ok
    except requests.RequestException:
        return False


def _away() -> dict[str, str]:
    """The parts that the gateway does not reach, and why; none when it does not answer itself."""
    try:
        body: dict[str, Any] = http.get(
            f"{env.service_url('gateway')}/health/dependencies", timeout=10
        ).json()
    except (requests.RequestException, ValueError):
        return {}
    return {
        name: state.get("reason", "it answers and is not well")
        for name, state in body.get("parts", {}).items()
        if state["status"] == "down"
    }


def _parts(away: Mapping[str, str]) -> Iterator[Finding]:
    """What the gateway does not reach. What we should have started and does not run is among the processes."""
    states = supervision.states()
    for name, reason in away.items():
        is_elsewhere = env.part_is_external(name) or not (states or name in OPTIONAL)
        if is_elsewhere or states.get(name, {}).get("statename") == "RUNNING":
            look = f"{HERE.look}, then the end of {paths.log_dir() / name}.log"
            yield Finding(
                f"The gateway finds {name} down: {reason.rstrip('.')}.",
                ELSEWHERE.up if is_elsewhere else look,
            )


def _space() -> Iterator[Finding]:
    try:
        paths.require_space(
            env.state_dir(), megabytes=suite.SPACE_NEEDED, purpose="The suite's data and logs"
        )
    except DiskFull as error:
        yield Finding(str(error), "make room")


def _restore() -> Iterator[Finding]:
    """One that is not done; none where the databases do not answer."""
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        if any([*pool.map(_restore_is_unfinished, services.with_database())]):
            yield Finding(
                "A restore broke off, or is at work: the databases are not of one moment, and nothing is set up on"
                " them until one is done.",
                "where none is at work: manage.py restore ARCHIVE --replace",
            )


def _restore_is_unfinished(service: Service) -> bool:
    try:
        return setup.restore_is_unfinished(service.name)
    except psycopg.OperationalError:
        return False


def _processes() -> Iterator[Finding]:
    for row in report.rows(suite.known_programs()):
        if row.state not in {"running", "external"}:
            log = paths.log_dir() / f"{row.name}.log"
            yield Finding(f"{row.name} is {row.state}; its last words are in {log}.", HERE.up)


def _databases(commands: Commands) -> Iterator[Finding]:
    for service in services.with_database():
        try:
            if not setup.is_current(service.name):
                yield _not_set_up(service, commands)
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            yield Finding(f"The database of {service.name} does not answer: {reason}", commands.up)


def _not_set_up(service: Service, commands: Commands) -> Finding:
    """A new secret is taken over while nothing runs: a process that goes on with the old one would be refused."""
    if service.name == "identity":
        return Finding(
            "The database of identity is not set up as this version and its secrets need it.",
            f"{commands.set_up}; after a changed secret {commands.anew}",
        )
    return Finding(f"The database of {service.name} is not set up as this version needs it.", commands.set_up)


def _diagrams(commands: Commands) -> Iterator[Finding]:
    try:
        if not setup.diagrams_are_deployed():
            yield Finding(
                "The engine has other diagrams than this version.", "manage.py offering deploy_bpmn"
            )
    except requests.RequestException as error:
        yield Finding(f"The process engine does not answer: {type(error).__name__}.", commands.up)


def _logs() -> Iterator[Finding]:
    """Lines that are written and not sent; a shipper that does not run is among the processes."""
    if not log_shipper.programs():
        return
    waiting, reason = log_shipper.behind()
    if reason or waiting > LOGS_BEHIND_MB * 1_000_000:
        yield Finding(
            f"{waiting / 1e6:.1f} MB of logs wait to be sent to Elasticsearch: {reason or 'there are too many'}.",
            f"{HERE.look}, then the end of {log_shipper.program().log}",
        )


def _service(service: Service, away: Mapping[str, str], commands: Commands) -> Iterator[Finding]:
    """What a service says of itself and the parts that it uses, but for what is ``away`` for the gateway, too. That one
    of ours does not run is said among the processes; who runs it by hand is told all else."""
    try:
        body: dict[str, Any] = http.get(f"{env.service_url(service.name)}/health/ready", timeout=10).json()
    except (requests.RequestException, ValueError) as error:
        states = supervision.states()
        if not states or states.get(service.name, {}).get("statename") == "RUNNING":
            yield Finding(
                f"{service.name} does not answer: {type(error).__name__}.",
                LOOK_AT_ITS_LOG.format(look=commands.look),
            )
        return
    for part, state in body.get("parts", {}).items():
        if state["status"] == "down" and part not in away:
            cure = CURES.get(part, LOOK_AT_ITS_LOG).format(service=service.name, look=commands.look)
            yield Finding(f"{service.name}: {part} is down: {state['reason'].rstrip('.')}.", cure)
