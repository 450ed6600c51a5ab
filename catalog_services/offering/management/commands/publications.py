from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import SuiteError
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.domain.publication import OPEN, UNDO_FAILED
from catalog_services.offering.models import Publication


class Command(BaseCommand):
    help = "Lists publications that are not settled; gives those that stand on an incident new tries."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="publications that have not ended")
        retry = commands.add_parser("retry", help="new tries for what stands on an incident")
        retry.add_argument("id", nargs="?", type=UUID, help="one publication; all in UNDO_FAILED when absent")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "list":
            self._list()
        else:
            self._retry(options["id"])

    def _list(self) -> None:
        rows = Publication.objects.filter(state__in=OPEN).select_related("offering").order_by("created_at")
        for row in rows:
            reason = (row.failure or {}).get("message", "")
            self.stdout.write(
                f"{row.pk}  {row.state:<11}  {row.created_at:%Y-%m-%d %H:%M:%S}  {row.offering.name}  {reason}"
            )
        self.stdout.write(f"{len(rows)} not settled")

    def _retry(self, id_: UUID | None) -> None:
        stuck = Publication.objects.filter(state=UNDO_FAILED).values_list("pk", flat=True)
        refused = 0
        for pk in [id_] if id_ else list(stuck):
            try:
                publication_retry(id=pk)
                self.stdout.write(f"{pk}  tried again")
            except SuiteError as error:
                refused += 1
                self.stderr.write(f"{pk}  {error.detail}")
        if refused:
            raise CommandError(f"{refused} could not be tried again.")
