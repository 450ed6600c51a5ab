"""``manage.py <service> dead_letters list|replay|give-up``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.outbox.dead_letters import dead_letters, give_up, replay
from apps.outbox.management.sending import refuse_without_relay
from config.services import SERVICES

_DONE = {"replay": (replay, "sent again"), "give-up": (give_up, "given up")}


class Command(BaseCommand):
    help = (
        "List the events that a subscriber refused for good, send them again, or give them up. "
        "Exit code: 0 done, also when there are none; 1 there is no such one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["list", *_DONE], help="what to do with them")
        parser.add_argument(
            "--subscriber",
            default="",
            choices=SERVICES[settings.SERVICE_NAME].subscribers,
            help="only those for this service",
        )
        parser.add_argument("--subject", default="", help="only those of this aggregate id")
        parser.add_argument("--id", type=int, action="append", help="only this one, as listed; repeatable")
        parser.add_argument("--dry-run", action="store_true", help="say how many, change none")

    def handle(
        self,
        *args: Any,
        verb: str,
        subscriber: str,
        subject: str,
        id: list[int] | None,
        dry_run: bool,
        **options: Any,
    ) -> None:
        refuse_without_relay()
        rows = dead_letters(subscriber=subscriber, subject=subject)
        if id:
            rows = rows.filter(pk__in=id)
            if missing := set(id) - set(rows.values_list("pk", flat=True)):
                raise CommandError(f"No such dead letter: {', '.join(map(str, sorted(missing)))}.")
        if verb == "list":
            # Without the events' states: there may be very many after a bad release.
            told = rows.values_list("pk", "event__type", "subject", "subscriber", "reason")
            for key, type_, row, to, reason in told.iterator():
                self.stdout.write(f"{key}  {type_}  {row}  to {to}  {reason}")
            self.stdout.write(f"{rows.count()} dead letters")
            return
        act, done = _DONE[verb]
        if dry_run:
            self.stdout.write(f"{rows.count()} dead letters would be {done}")
        else:
            self.stdout.write(f"{act(rows)} dead letters {done}")
