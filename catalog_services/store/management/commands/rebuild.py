"""``manage.py store rebuild``: a new generation of both stores from snapshots, switched to when it is whole."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.progress import Progress
from catalog_services.store.management.faults import FAULTS, told
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.rebuild.snapshots import CelerySnapshots
from config.services import WRITE_SERVICES


class Command(BaseCommand):
    help = (
        "Build the store anew beside the live one, from the write services' state, and switch to it. "
        "Exit code: 0 switched, 1 the live store is as it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--patience", type=float, default=60.0, help="seconds to wait for the next snapshot"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="build it and check it, then remove it instead of switching",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from catalog_services.store.celery import app

        source = CelerySnapshots(app, patience=options["patience"])
        try:
            with Progress(self.stdout) as progress:
                report = rebuild(
                    source=source, services=WRITE_SERVICES, say=progress.say, rehearse=options["dry_run"]
                )
        except FAULTS as error:
            raise CommandError(
                f"{told(error)}\nThe live store is as it was; run the command again."
            ) from error
        for refused in report.refused:
            self.stderr.write(f"left out: {refused}")
        for id, reason in report.aside.items():
            self.stderr.write(f"set aside: offering {id}: {reason}")
        received = ", ".join(f"{count} from {service}" for service, count in report.received.items())
        done = "Built, checked and removed" if options["dry_run"] else "Switched to"
        self.stdout.write(
            f"{done} generation {report.generation} in {report.seconds:.1f} s: {received}; "
            f"{report.entries} entries, {report.visible} of them visible, the same in MongoDB and Elasticsearch."
        )
