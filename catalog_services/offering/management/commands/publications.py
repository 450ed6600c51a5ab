from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from apps.core.actor import SYSTEM
from apps.core.errors import SuiteError
from catalog_services.offering.actions.publication_reconcile import publication_reconcile, publications_due
from catalog_services.offering.actions.publication_retry import publication_retry, to_retry
from catalog_services.offering.domain.publication import OPEN
from catalog_services.offering.models import Publication
from catalog_services.offering.selectors.publication import publications_standing


@dataclass(frozen=True, slots=True)
class Verb:
    """What is done to publications, each by ``act(id=...)``."""

    act: Callable[..., Publication]
    check: Callable[[Publication], object]
    """Raises what the action would refuse."""
    among: Callable[[], QuerySet[Publication]]
    """What is asked for by its id is looked for here: reconcile leaves alone what is not due."""
    chosen: Callable[[], QuerySet[Publication]]
    """What is done when none is asked for by its id."""


VERBS = {
    "retry": Verb(
        act=partial(publication_retry, actor=SYSTEM),
        check=to_retry,
        among=Publication.objects.all,
        chosen=publications_standing,
    ),
    "reconcile": Verb(
        act=publication_reconcile,
        check=lambda _due: None,
        among=publications_due,
        chosen=publications_due,
    ),
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
        verb, id_ = VERBS[options["command"]], options["id"]
        if id_ and not Publication.objects.filter(pk=id_).exists():
            raise CommandError(f"There is no publication {id_}.")
        rows = verb.among().filter(pk=id_) if id_ else verb.chosen()
        (self._try if options["dry_run"] else self._do)(verb, list(rows.defer("steps")))

    def _list(self, rows: QuerySet[Publication]) -> None:
        rows = rows.select_related("offering").order_by("created_at")
        for row in rows:
            self.stdout.write(
                f"{row.pk}  {row.state:<11}  {row.created_at:%Y-%m-%d %H:%M:%S}  {row.offering.name}  {_reason(row)}"
            )
        self.stdout.write(f"{len(rows)} publications")

    def _try(self, verb: Verb, rows: list[Publication]) -> None:
        taken = self._each(rows, verb.check)
        self._list(Publication.objects.filter(pk__in=taken))
        self._refused(len(rows) - len(taken))

    def _do(self, verb: Verb, rows: list[Publication]) -> None:
        def act(row: Publication) -> None:
            self.stdout.write(f"{row.pk}  {verb.act(id=row.pk).state}")

        done = self._each(rows, act)
        self.stdout.write(f"{len(done)} done")
        self._refused(len(rows) - len(done))

    def _each(self, rows: list[Publication], act: Callable[[Publication], object]) -> list[UUID]:
        """Those that are not refused; of the others it is said why."""
        found = []
        for row in rows:
            try:
                act(row)
            except SuiteError as error:
                self.stderr.write(f"{row.pk}  {error.detail}")
            else:
                found.append(row.pk)
        return found

    def _refused(self, count: int) -> None:
        if count:
            raise CommandError(f"{count} could not be done.")


def _reason(row: Publication) -> str:
    """Why it failed, and by what a step of it, or of its undo, fails now."""
    failure = row.failure or {}
    failing = (f"{step['name']}: {step['error']}" for step in row.steps if step["state"] == "failing")
    return f"{failure.get('message', '')} {failure.get('undo') or '; '.join(failing)}".strip()
