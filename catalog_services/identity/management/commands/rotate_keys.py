from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from catalog_services.identity.actions.keys_rotate import keys_rotate
from catalog_services.identity.models import SigningKey


class Command(BaseCommand):
    help = (
        "The announced key starts to sign; the one before it verifies until its last token has expired. "
        "Exit code: 0 done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compromised",
            action="store_true",
            help="drop every key and with them every token: everybody signs in again",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would become of each key")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            keys_rotate(compromised=options["compromised"])
            for key in SigningKey.objects.order_by("created_at"):
                until = f", until {key.retires_at:%Y-%m-%d %H:%M} UTC" if key.retires_at else ""
                self.stdout.write(f"{key.state:<9} {key.kid}{until}")
            transaction.set_rollback(options["dry_run"])
            if options["dry_run"]:
                self.stdout.write("Nothing was changed; a new key would have another name.")
