from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from catalog_services.identity.actions.keys_rotate import keys_generate


class Command(BaseCommand):
    help = "Make the signing keys when there are none; can be repeated. Exit code: 0 they are there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say whether keys would be made, make none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        with transaction.atomic():
            made = keys_generate()
            transaction.set_rollback(dry_run)
        for key in made:
            self.stdout.write(f"{'would make a key' if dry_run else f'made key {key.kid}'} ({key.state})")
        if not made:
            self.stdout.write("the signing keys are there already")
