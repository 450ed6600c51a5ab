"""The work of ``exchange.py`` in a process of its own, as a worker does it."""

from __future__ import annotations

import csv
import io
import resource
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import batched

import django

from apps.core.actor import MANAGER, Actor
from apps.core.ids import uuid7
from tests.benchmarks.admin_rows import ROWS
from tests.benchmarks.child import tell
from tests.benchmarks.measure import Figure, ratio, timed

ANNA = Actor(uuid7(), "anna", frozenset({MANAGER}))
MODEL = "pricing.price"
NEW, ALONE = 10_000, 1_000
BAD = range(100, NEW, 270)
"""Thirty-seven rows of the file, which are to be named and left out."""


def main() -> None:
    raw = ROWS / timed(_plain_export)
    before = _peak()
    found = [
        ratio(f"export of {ROWS:,} rows as {name}: rows/s of a plain CSV's", ROWS / _export(name), raw, goal)
        for name, goal in (("csv", 0.1), ("json", 0.1), ("xlsx", 0.04))
    ]
    found.append(Figure("memory that the exports added to the worker", (_peak() - before) / 1024, 60, "MB"))
    rate = ALONE / timed(lambda: [_create(fields) for fields in _new(ALONE, "Alone")])
    previewed, imported = _import()
    found += [
        ratio(
            f"preview of an import of {NEW:,} rows: rows/s of the action's alone", NEW / previewed, rate, 0.5
        ),
        ratio(f"import of {NEW:,} rows: rows/s of the action's alone", NEW / imported, rate, 0.4),
    ]
    tell(found)


def _plain_export() -> None:
    """All columns of all rows, written by nothing but the driver and Python's CSV."""
    from catalog_services.pricing.models import Price

    for rows in batched(Price.objects.values_list().iterator(chunk_size=500), 500):
        csv.writer(io.StringIO()).writerows(rows)


def _export(format: str) -> float:
    from apps.exchange import jobs

    job = jobs.start_export(actor=ANNA, model=MODEL, name="prices", format=format)
    return timed(lambda: _work(job, "exported"))


def _import() -> tuple[float, float]:
    """Seconds of the preview, reading included, and of what was confirmed."""
    from apps.exchange import jobs

    job = jobs.start_import(actor=ANNA, model=MODEL, file_name="prices.csv", pieces=_file())
    previewed = timed(lambda: _work(job, "previewed"))
    refused = job.rows.filter(outcome="refused").order_by("number")
    if [row.number for row in refused] != [number + 2 for number in BAD]:  # as a spreadsheet counts
        raise RuntimeError(f"{len(refused)} rows were refused, not the {len(BAD)} bad ones.")
    jobs.confirm(actor=ANNA, id=job.pk, only_fine=True)
    return previewed, timed(lambda: _work(job, "imported"))


def _work(job: object, state: str) -> None:
    from apps.exchange.working import work_on

    while work_on(job.pk):
        pass
    job.refresh_from_db()
    if job.state != state:
        raise RuntimeError(f"{job.state}: {job.note}")


def _create(fields: dict[str, str]) -> None:
    from catalog_services.pricing.actions.price_create import price_create

    price_create(actor=ANNA, fields={**fields, "value": Decimal(fields["value"])})


def _new(count: int, name: str) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {"name": f"{name} {number}", "value": "19.90", "currency": "EUR", "unit": "per month"}


def _file() -> Iterable[bytes]:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["name", "value", "currency", "unit"])
    writer.writeheader()
    for number, row in enumerate(_new(NEW, "New")):
        writer.writerow({**row, "value": "19.905"} if number in BAD else row)
    yield out.getvalue().encode()


def _peak() -> int:
    """Kilobytes that this process took at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    django.setup()
    main()
