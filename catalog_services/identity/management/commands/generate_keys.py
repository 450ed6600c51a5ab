from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog_services.identity.actions.keys_rotate import keys_generate


class Command(BaseCommand):
    help = "Make the signing keys when there are none; can be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        made = keys_generate()
        for key in made:
            self.stdout.write(f"made key {key.kid} ({key.state})")
        if not made:
            self.stdout.write("the signing keys are there already")
