from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from catalog_services.identity.actions.clients_ensure import clients_ensure
from catalog_services.identity.management.ensuring import ensure


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
        ensure(
            lambda: clients_ensure(secrets=settings.IDENTITY_CLIENT_SECRETS),
            out=self.stdout,
            dry_run=options["dry_run"],
        )
