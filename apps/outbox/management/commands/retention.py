"""``manage.py <service> retention [--dry-run]``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core.progress import Progress
from apps.outbox.management.sending import load_declarations
from apps.outbox.retention import Retention, entries


class Command(BaseCommand):
    help = (
        "Forget at once what is older than a setting says, as the relay does every hour. What is forgotten is gone. "
        "Exit code: 0 done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many rows, remove none")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        load_declarations()
        for one in entries():
            if not one.days:
                self.stdout.write(f"{one.what}: kept for ever ({one.setting})")
                continue
            count = one.rows().count() if dry_run else self._forget(one)
            verb = "would be forgotten" if dry_run else "forgotten"
            self.stdout.write(f"{one.what}: {count} older than {one.days} days {verb} ({one.setting})")

    def _forget(self, one: Retention) -> int:
        with Progress(self.stdout) as progress:
            return one.forget(lambda done: progress.say(one.what, done, None))
