from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import SuiteError
from apps.saga.client import engine


class Command(BaseCommand):
    help = "Deploys the diagrams in bpmn/ to the process engine; one that is there already is left as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        for diagram in sorted((settings.BASE_DIR / "bpmn").glob("*.bpmn")):
            try:
                new = engine().deploy(diagram)
            except SuiteError as error:
                raise CommandError(f"{diagram.name}: {error.detail}") from error
            self.stdout.write(f"{diagram.name}: {'deployed' if new else 'already deployed'}")
