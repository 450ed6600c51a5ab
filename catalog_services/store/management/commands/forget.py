"""``manage.py store forget``: the store is empty, and its worker makes it anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.asking import agreed
from catalog_services.store.management.faults import FAULTS, told
from catalog_services.store.rebuild.forgetting import forget
from catalog_services.store.stores import mongo


class Command(BaseCommand):
    help = (
        "Forget all that the store holds, which its worker then makes anew; no worker of the store may run meanwhile. "
        "manage.py restore calls it; `rebuild` makes the store anew without a gap. Exit code: 0 done, 1 MongoDB does "
        "not answer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask; nor is a program asked")
        parser.add_argument("--dry-run", action="store_true", help="say how much there is, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["dry_run"]:
                self.stdout.write(
                    f"would be forgotten: {len(mongo.writing().list_collection_names())} collections"
                )
                return
            if not agreed("Until the store is made anew customers find nothing.", yes=options["yes"]):
                raise CommandError("Nothing was done.")
            forget(mongo.writing())
        except FAULTS as error:
            raise CommandError(f"{told(error)}\nRun the command again.") from error
        self.stdout.write("Forgotten; the store's worker makes the read side anew.")
