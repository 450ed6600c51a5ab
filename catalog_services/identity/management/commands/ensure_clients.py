from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.core.errors import ValidationFailed
from catalog_services.identity.actions.clients_ensure import clients_ensure


class Command(BaseCommand):
    help = (
        "Let every service of the registry get tokens with SERVICE_CLIENT_SECRET (or <NAME>_CLIENT_SECRET); can be "
        "repeated. Exit code: 0 they can, 1 a secret is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say whose secret would be made or changed, change none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        try:
            with transaction.atomic():
                changed = clients_ensure(secrets=settings.IDENTITY_CLIENT_SECRETS)
                transaction.set_rollback(dry_run)
        except ValidationFailed as error:
            raise CommandError(error.detail) from error
        done = "would make or change" if dry_run else "made or changed"
        self.stdout.write(f"{done}: {', '.join(changed)}" if changed else "nothing to change")
