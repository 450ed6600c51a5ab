"""Every database brought to its migrations, or what that would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from apps.runtime import image, languages, services, setup
from apps.runtime.errors import RuntimeFault, StartFailed
from apps.runtime.parts import postgres
from config.services import Service


class NoSuchDatabase(RuntimeFault):
    """A name that is no service with a database."""


def chosen(names: Sequence[str]) -> list[Service]:
    """The services of these names, all when there are none. Raises ``NoSuchDatabase``."""
    there = {service.name: service for service in services.with_database()}
    if unknown := [name for name in names if name not in there]:
        raise NoSuchDatabase(f"No database of {', '.join(unknown)}: there are {', '.join(there)}.")
    return [service for name, service in there.items() if not names or name in names]


def migrate(chosen: Sequence[Service]) -> Iterator[str]:
    """Do it; a line for each database as it is done. Raises ``StartFailed``."""
    _compile_catalogs()
    for name in _asked(postgres.create_databases):
        yield f"{name}: created"
    with ThreadPoolExecutor(2) as pool:
        for service, _ in zip(chosen, pool.map(_migrated, chosen), strict=True):
            yield f"{service.name}: migrated"


def planned(chosen: Sequence[Service]) -> Iterator[str]:
    """What ``migrate`` would do, a line each. Raises ``StartFailed``."""
    missing = _asked(postgres.missing)
    for name in missing.values():
        yield f"{name}: would be created"
    for service in chosen:
        if service.name in missing:
            yield f"{service.name}: would get all its migrations"
        else:
            yield f"{service.name}: {setup.run(service.name, 'migrate --plan').strip()}"


def _compile_catalogs() -> None:
    try:
        languages.compile_catalogs()
    except OSError as error:
        instead = f" In containers this is done by {image.INSTEAD}." if image.is_this() else ""
        raise StartFailed(
            f"The translations cannot be compiled into the state folder: {error}.{instead}"
        ) from error


def _migrated(service: Service) -> bool:
    return _asked(lambda: setup.set_up(service, always=True))


def _asked[T](question: Callable[[], T]) -> T:
    """An answer of PostgreSQL. Raises ``StartFailed``."""
    try:
        return question()
    except psycopg.OperationalError as error:
        raise StartFailed(f"PostgreSQL: {error}\n`manage.py doctor` says what is wrong.") from error
    except psycopg.Error as error:
        raise StartFailed(f"PostgreSQL refuses: {error}") from error
