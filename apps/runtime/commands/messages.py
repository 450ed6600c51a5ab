"""``manage.py messages``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from apps.runtime.commands._shared import guarded

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

    from apps.runtime.collecting import IsSaid, Text

HELP = "collect what the admin says into locale/, and name what has no translation yet"
EXIT_CODES = {0: "every language is complete", 1: "something is missing, and is named"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only say what is not as it should be")


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when every language is complete."""
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.everything"
    import django

    django.setup()
    from apps.runtime import collecting, languages
    from apps.runtime.report import console

    wrong = 0
    for language, path in languages.sources():
        catalog = languages.read(language, path)
        collected = collecting.catalog(_needed(catalog, collecting.translated_by_others(language)))
        troubles = languages.troubles(catalog, collected)
        catalog.update(collected, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        text = languages.written(catalog)
        if not options.check:
            path.write_text(text)
            troubles = languages.troubles(catalog, collected)
        elif not troubles and text != path.read_text():
            troubles = ["the file is not as `manage.py messages` writes it"]
        for trouble in troubles:
            console.print(f"{language}: {trouble}", markup=False, highlight=False, soft_wrap=True)
        wrong += len(troubles)
    return 1 if wrong else 0


def _needed(catalog: Catalog, by_others: IsSaid) -> IsSaid:
    """What nobody else has translated, and what was taken into our catalog because ours is better."""

    def needed(text: Text, context: str | None) -> bool:
        return catalog.get(text, context) is not None or not by_others(text, context)

    return needed
