"""The admin with 200,000 rows in every list: how long its server takes for each kind of page.

Scratch databases, filled by themselves and removed afterwards, behind web processes as the runtime starts them.
``python -m tests.benchmarks.admin pricing`` measures one service's lists.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import unescape
from itertools import groupby
from urllib.request import Request, urlopen

import psycopg
from psycopg import sql

from apps.runtime import services
from config import env
from config.services import SERVICES
from config.settings.access import ACCESS_COOKIE
from tests.benchmarks.admin_rows import ROWS, SCREENS, Screen
from tests.benchmarks.load import get, load, serving
from tests.benchmarks.measure import Figure, percentile
from tests.e2e.conftest import sign_in
from tests.support.ports import free_port

ASKED, GOAL_MS = 25, 200.0
MIDDLE = ROWS * 5 // 8
_SEARCH_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%'"


def figures(*services: str) -> list[Figure]:
    """The p95 of the slowest kind of page of each screen, of these services or all; all kinds are printed."""
    found = []
    for service, grouped in groupby(SCREENS, lambda screen: screen.service):
        screens = list(grouped)
        if services and service not in services:
            continue
        with filled(service, screens) as url, _serving(service, url) as port:
            found += [_figure(port, url, screen) for screen in screens]
    return found


@contextmanager
def filled(service: str, screens: Sequence[Screen]) -> Iterator[str]:
    """A migrated database of its own with the rows of these screens; gives its URL."""
    name = f"catalog_bench_admin_{service}"
    with psycopg.connect(env.database_url("identity"), autocommit=True) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            url = f"{env.part_url('postgres')}/{name}"
            migrate = [sys.executable, "-m", "apps.runtime.django_steps", service, "migrate --verbosity=0"]
            subprocess.run(migrate, cwd=env.BASE_DIR, env={**os.environ, **_place(service, url)}, check=True)
            _fill(url, screens)
            yield url
        finally:
            server.execute(drop)


def _place(service: str, url: str) -> dict[str, str]:
    return {f"{service.upper()}_DATABASE_URL": url}


def _fill(url: str, screens: Sequence[Screen]) -> None:
    """The rows first and the search indexes afterwards: made row by row they take minutes."""
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = connection.execute(_SEARCH_INDEXES).fetchall()
        for name, _definition in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for statement in (statement for screen in screens for statement in screen.fill):
            connection.execute(statement.encode())
        for _name, definition in indexes:
            connection.execute(definition.encode())
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")  # what filling left to be written is not the pages' cost


@contextmanager
def _serving(service: str, url: str) -> Iterator[int]:
    own = SERVICES[service]
    variables = {**services.environment(own), **_place(service, url), "OTEL_SDK_DISABLED": "true"}
    with serving(
        services.gunicorn(own, port := free_port()), port, get(f"{own.api_root}/schema"), **variables
    ):
        yield port


def _figure(port: int, url: str, screen: Screen) -> Figure:
    with sign_in("manager") as api:
        bearer = api.headers["Authorization"]
    said = {"Cookie": f"{ACCESS_COOKIE}={bearer.removeprefix('Bearer ')}", "Authorization": bearer}
    times = {
        kind: percentile(load(port, [get(path, **said, **more)], clients=1, count=ASKED)[1], 0.95) * 1000
        for kind, path, more in _pages(port, url, screen, said)
    }
    print(f"  {screen.path}, p95 in ms:", {kind: round(value) for kind, value in times.items()}, flush=True)
    slowest = max(times, key=lambda kind: times[kind])
    return Figure(
        f"admin, {ROWS // 1000}k rows: {screen.path}, p95 of the slowest page ({slowest})",
        times[slowest],
        GOAL_MS,
        "ms",
    )


def _pages(
    port: int, url: str, screen: Screen, said: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The kinds of pages: a name, a path, further headers."""
    admin = SERVICES[screen.service].admin_path
    rows = f"{admin}{screen.path}/"
    order = "id" if screen.table == "offering_publication" else "external_id"
    statement = sql.SQL("SELECT id::text FROM {} ORDER BY {} OFFSET %s LIMIT 1")
    with psycopg.connect(url) as connection:
        found = connection.execute(
            statement.format(sql.Identifier(screen.table), sql.Identifier(order)), [MIDDLE]
        )
        ((id_,),) = found.fetchall()
    yield "first page", rows, {}
    yield "last page", f"{rows}?p=last", {}
    yield "deep page", f"{rows}{_before_the_last(port, rows, said)}", {}
    yield "sorted", f"{rows}?o=-updated_at", {}
    yield "filtered", f"{rows}?{screen.filtered}", {}
    for kind, term in (("rare", "e10adc39"), ("common", "fibre"), ("short", "fi"), ("unknown", "qqqzzz")):
        yield f"search, {kind}", f"{rows}?q={term}", {}
    yield "search, id", f"{rows}?q={id_}", {}
    yield "form", f"{rows}{id_}/change/", {}
    for name in screen.choices:
        for kind, term in (("nothing typed", ""), ("common", "fibre"), ("rare", "e10adc39")):
            yield f"choosing {name}, {kind}", f"{admin}choices/{name}/?term={term}", {}
    quick = {"Prefer": "count=estimated"}
    yield "REST, first page", screen.api, {}
    yield "REST, deep page", f"{screen.api}?offset={ROWS - 100}", {}
    if screen.table != "offering_publication":
        yield "REST, Ctrl-K common", f"{screen.api}?search=fibre&limit=5", quick
        yield "REST, Ctrl-K rare", f"{screen.api}?search=e10adc39&limit=5", quick


def _before_the_last(port: int, rows: str, said: dict[str, str]) -> str:
    """Where the last page's "Previous" leads."""
    request = Request(f"http://127.0.0.1:{port}{rows}?p=last", headers=said)
    with urlopen(request, timeout=30) as response:
        page = response.read().decode()
    found = re.search(r'href="(\?p=before[^"]*)"', page)
    if found is None:
        raise RuntimeError(f"The last page of {rows} leads nowhere.")
    return unescape(found.group(1))


if __name__ == "__main__":
    for figure in figures(*sys.argv[1:]):
        print(f"{figure.name}: {figure.value:.0f} {figure.unit} (goal {figure.goal:g})")
