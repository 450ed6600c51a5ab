"""``manage.py store verify [--repair]``: the store against the write services, and MongoDB against Elasticsearch."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.ids import uuid7
from apps.core.progress import Progress
from apps.references.digests import digest_pages
from catalog_services.store.management.faults import FAULTS, told
from catalog_services.store.rebuild.snapshots import CelerySnapshots
from catalog_services.store.rebuild.verification import KINDS, Differences, compare, repair
from catalog_services.store.stores import generations, mongo


class Command(BaseCommand):
    help = (
        "Compare every aggregate's version and hash with its owner's, and MongoDB with Elasticsearch. "
        "Exit code: 0 all is the same, 1 something differs, 3 it could not be compared."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="bring what differs up to date, and compare again"
        )
        parser.add_argument(
            "--patience", type=float, default=60.0, help="seconds to wait for the next snapshot"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._compare()
            if options["repair"] and not found.same:
                self._tell(found)
                self._repair(found, options["patience"])
                found = self._compare()
        except FAULTS as error:
            raise CommandError(told(error), returncode=3) from error
        self._tell(found)
        if not found.same:
            raise CommandError("The store differs from the write side (verify --repair, or rebuild).")

    def _compare(self) -> Differences:
        database = mongo.writing()
        with Progress(self.stdout) as progress:
            return compare(database, generations.ensure(database).live, pages=digest_pages, say=progress.say)

    def _repair(self, found: Differences, patience: float) -> None:
        from catalog_services.store.celery import app

        database = mongo.writing()
        source = CelerySnapshots(app, patience=patience)
        with Progress(self.stdout) as progress:
            report = repair(
                database,
                generations.ensure(database).live,
                found,
                rebuild_id=f"repair-{uuid7().hex}",
                source=source,
                say=progress.say,
            )
        for refused in report.refused:
            self.stderr.write(f"left out: {refused}")

    def _tell(self, found: Differences) -> None:
        for kind in KINDS:
            line = f"{kind}: {found.counts.get(kind, 0)} on the write side"
            parts = {"missing": found.missing, "different": found.different, "extra": found.extra}
            wrong = ", ".join(f"{len(ids[kind])} {name}" for name, ids in parts.items() if ids.get(kind))
            self.stdout.write(f"{line}, {wrong or 'the same here'}")
        entries = f"{len(found.entries)} entries differ" if found.entries else "the same entries"
        self.stdout.write(f"MongoDB and Elasticsearch: {entries}")
        for id, reason in found.aside.items():
            self.stdout.write(f"set aside: offering {id}: {reason}")
