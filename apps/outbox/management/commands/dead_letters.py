"""``manage.py <service> dead_letters list|replay|give-up``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.outbox.dead_letters import dead_letters, give_up, replay
from apps.outbox.management.sending import refuse_without_relay

_DONE = {"replay": (replay, "sent again"), "give-up": (give_up, "given up")}


class Command(BaseCommand):
    help = "List the events that a subscriber refused for good, send them again, or give them up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["list", *_DONE])
        parser.add_argument("--subscriber", default="", help="only those for this service")
        parser.add_argument("--subject", default="", help="only those of this aggregate id")
        parser.add_argument("--dry-run", action="store_true", help="say how many, change none")

    def handle(
        self, *args: Any, verb: str, subscriber: str, subject: str, dry_run: bool, **options: Any
    ) -> None:
        refuse_without_relay()
        rows = dead_letters(subscriber=subscriber, subject=subject)
        if verb == "list":
            for row in rows:
                self.stdout.write(
                    f"{row.pk}  {row.event.type}  {row.subject}  to {row.subscriber}  {row.reason}"
                )
            self.stdout.write(f"{rows.count()} dead letters")
            return
        act, done = _DONE[verb]
        if dry_run:
            self.stdout.write(f"{rows.count()} dead letters would be {done}")
        else:
            self.stdout.write(f"{act(rows)} dead letters {done}")
