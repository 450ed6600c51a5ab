from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from apps.core.actor import SYSTEM
from apps.core.errors import SuiteError
from catalog_services.offering.actions.publication_reconcile import publication_reconcile, publications_due
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.domain.publication import OPEN
from catalog_services.offering.models import Publication
from catalog_services.offering.selectors.publication import publications_standing

Action = Callable[..., Publication]
_ACTIONS: dict[str, Action] = {
    "retry": partial(publication_retry, actor=SYSTEM),
    "reconcile": publication_reconcile,
}
_CHOSEN: dict[str, Callable[[], QuerySet[Publication]]] = {
    "retry": publications_standing,
    "reconcile": publications_due,
}


class Command(BaseCommand):
    help = (
        "List publications that have not settled; give those that stand on an incident new tries; settle those that "
        "are past their time, as the relay does every five seconds. Exit code: 0 done, 1 one could not be, and it is "
        "said why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="publications that have not ended")
        retry = commands.add_parser("retry", help="new tries for what stands on an incident")
        retry.add_argument(
            "id", nargs="?", type=UUID, help="one publication; all that do not come to their end when absent"
        )
        settle = commands.add_parser("reconcile", help="settle what is past its time")
        settle.add_argument("id", nargs="?", type=UUID, help="one publication; all that are due when absent")
        for changes in (retry, settle):
            changes.add_argument("--dry-run", action="store_true", help="say which, change none")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "list":
            self._list(Publication.objects.filter(state__in=OPEN))
            return
        rows = _CHOSEN[options["command"]]()
        if options["id"]:
            rows = Publication.objects.filter(pk=options["id"])
            if not rows:
                raise CommandError(f"There is no publication {options['id']}.")
        if options["dry_run"]:
            self._list(rows)
        else:
            self._do(_ACTIONS[options["command"]], list(rows.values_list("pk", flat=True)))

    def _list(self, rows: QuerySet[Publication]) -> None:
        rows = rows.select_related("offering").order_by("created_at")
        for row in rows:
            self.stdout.write(
                f"{row.pk}  {row.state:<11}  {row.created_at:%Y-%m-%d %H:%M:%S}  {row.offering.name}  {_reason(row)}"
            )
        self.stdout.write(f"{len(rows)} publications")

    def _do(self, act: Action, ids: list[UUID]) -> None:
        refused = 0
        for pk in ids:
            try:
                self.stdout.write(f"{pk}  {act(id=pk).state}")
            except SuiteError as error:
                refused += 1
                self.stderr.write(f"{pk}  {error.detail}")
        self.stdout.write(f"{len(ids) - refused} done")
        if refused:
            raise CommandError(f"{refused} could not be done.")


def _reason(row: Publication) -> str:
    """Why it failed, and by what a step of it, or of its undo, fails now."""
    failure = row.failure or {}
    failing = (f"{step['name']}: {step['error']}" for step in row.steps if step["state"] == "failing")
    return f"{failure.get('message', '')} {failure.get('undo') or '; '.join(failing)}".strip()
