from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import ValidationFailed
from catalog_services.identity.actions.clients_ensure import clients_ensure


class Command(BaseCommand):
    help = (
        "Let every service of the registry get tokens with SERVICE_CLIENT_SECRET (or <NAME>_CLIENT_SECRET); can be "
        "repeated. Exit code: 0 they can, 1 a secret is refused."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = clients_ensure(secrets=settings.IDENTITY_CLIENT_SECRETS)
        except ValidationFailed as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"made or changed: {', '.join(changed)}" if changed else "nothing to change")
