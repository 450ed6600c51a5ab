"""``manage.py <service> reconcile [--dry-run]``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import SuiteError
from apps.core.progress import Progress
from apps.outbox.management.sending import load_declarations
from apps.references.digests import digest_pages
from apps.references.reconciling import differences, reconcile
from apps.references.replicas import ReferenceKind, registered


class Command(BaseCommand):
    help = (
        "Compare what this service knows of other services' rows with their owners, and set what differs to what the "
        "owner says: after one of them was restored alone. Exit code: 0 all is the same now, 1 an owner could not be "
        "asked; with --dry-run 1 also when something differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what differs, change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        load_declarations()
        if not registered():
            raise CommandError(f"{settings.SERVICE_NAME} knows nothing of other services' rows.")
        try:
            differ = sum(self._one(kind, dry_run) for kind in registered())
        except SuiteError as error:
            raise CommandError(f"{error.detail} What was done stays; run the command again.") from error
        if dry_run and differ:
            raise CommandError(f"{differ} differ (the command without --dry-run sets them).")

    def _one(self, kind: ReferenceKind, dry_run: bool) -> int:
        found = differences(kind, pages=digest_pages)
        if dry_run or not found:
            self.stdout.write(
                f"{kind.name}: {f'{len(found)} differ' if found else 'the same as its owner has'}"
            )
            return len(found)
        with Progress(self.stdout) as progress:
            done = reconcile(kind, found, say=lambda count: progress.say(kind.name, count, len(found)))
        self.stdout.write(f"{kind.name}: {len(found)} differed, {done} set to what {kind.service} says")
        return len(found)
