"""``manage.py store forget``: the store is empty, and its worker makes it anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pymongo.errors import PyMongoError

from catalog_services.store.rebuild.forgetting import forget
from catalog_services.store.stores import mongo


class Command(BaseCommand):
    help = "Forgets all that the store holds, which its worker then makes anew. manage.py restore calls it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            forget(mongo.writing())
        except PyMongoError as error:
            raise CommandError(f"{error}\nRun the command again.") from error
        self.stdout.write("Forgotten; the store's worker makes the read side anew.")
