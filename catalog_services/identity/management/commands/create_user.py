from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import ROLES, SYSTEM
from apps.core.asking import secret
from apps.core.errors import SuiteError
from apps.rest.serializers import shaped
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.api.serializers import UserWriteSerializer


class Command(BaseCommand):
    help = (
        "Create a user; the password is asked for, or read from standard input with --password-stdin. "
        "Exit code: 0 there is one now, 1 refused, and it is said why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "username",
            help="what the user signs in with: a letter or digit of ASCII, then also . _ @ + -, 150 at most",
        )
        parser.add_argument("--email", default="", help="an address; none when absent")
        parser.add_argument(
            "--role", action="append", choices=ROLES, required=True, dest="roles", help="repeatable"
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password as one line of standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else secret("Password")
        fields = {name: options[name] for name in ("username", "email", "roles")}
        try:
            shape = shaped(UserWriteSerializer, {**fields, "password": password})
            user = user_create(actor=SYSTEM, fields=shape)
        except SuiteError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"created {user.username} ({', '.join(user.roles)}) with id {user.id}")
