from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import ROLES
from catalog_services.identity.actions.demo_users_ensure import demo_users_ensure
from catalog_services.identity.management.ensuring import ensure
from config import env


class Command(BaseCommand):
    help = (
        "Make the demo's users, one per role, with the passwords ADMIN_PASSWORD, MANAGER_PASSWORD and VIEWER_PASSWORD, "
        "each once; later it sets a password that is another one there, and changes nothing else. "
        "Exit code: 0 done, 1 refused, as in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say who would be made or changed, change nobody"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if env.is_production():
            raise CommandError("There are no demo users in production. Use create_user.")
        passwords = {role: env.secret(f"{role}_PASSWORD") for role in ROLES}
        if missing := [f"{role.upper()}_PASSWORD" for role, password in passwords.items() if not password]:
            raise CommandError(f"Not set: {', '.join(missing)}. `manage.py up` makes them.")
        ensure(lambda: demo_users_ensure(passwords=passwords), out=self.stdout, dry_run=options["dry_run"])
