from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import SuiteError
from apps.saga.client import engine


class Command(BaseCommand):
    help = (
        "Deploy the diagrams in bpmn/ to the process engine; one that is there already is left as it is. "
        "Exit code: 0 all are there, 1 the engine refuses one or does not answer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say which would be deployed, deploy none")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        done = "would be deployed" if dry_run else "deployed"
        for diagram in sorted((settings.BASE_DIR / "bpmn").glob("*.bpmn")):
            try:
                new = not engine().has(diagram) if dry_run else engine().deploy(diagram)
            except SuiteError as error:
                raise CommandError(f"{diagram.name}: {error.detail}") from error
            self.stdout.write(f"{diagram.name}: {done if new else 'already deployed'}")
