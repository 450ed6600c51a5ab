"""The catalogs of translations: what is committed below ``locale/`` is compiled into the state folder."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config import env

SOURCES = env.BASE_DIR / "locale"
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
"""Where a value stands in a text: ``%(name)s``, ``%s`` or ``{name}``."""
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""
WITHIN = Path("LC_MESSAGES", "django.po")


def sources() -> Iterator[tuple[str, Path]]:
    """Each language that there are translations into, and its catalog."""
    for path in sorted(SOURCES.glob(f"*/{WITHIN}")):
        yield path.parent.parent.name, path


def read(language: str, path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def written(catalog: Catalog) -> str:
    """As it is committed: in the order of the words and without times, so that a change shows what it changed."""
    text = io.BytesIO()
    write_po(text, catalog, width=110, omit_header=True, sort_output=True, include_lineno=False)
    return HEADER.format(plural_forms=catalog.plural_forms) + text.getvalue().decode()


def troubles(catalog: Catalog, collected: Catalog) -> list[str]:
    """What is not as it should be in a language's catalog, for all that was collected from the code."""
    found = [
        f"not said anywhere any more: {message.id!r}" for message in catalog if _is_left(message, collected)
    ]
    for wanted in collected:
        message = catalog.get(wanted.id, wanted.context)
        if wanted.id and (message is None or not _is_whole(message)):
            found.append(f"not translated: {wanted.id!r}")
        elif wanted.id and message is not None and message.fuzzy:
            found.append(f"fuzzy: {wanted.id!r}")
        elif wanted.id and message is not None and not _has_same_places(message):
            found.append(f"other placeholders: {wanted.id!r}, {message.string!r}")
    return found


def _is_left(message: Message, collected: Catalog) -> bool:
    return bool(message.id) and collected.get(message.id, message.context) is None


def _is_whole(message: Message) -> bool:
    return all(_forms(message.string or ""))


def _has_same_places(message: Message) -> bool:
    """A singular has what the original's singular has, every other form what its plural has."""
    originals, forms = _forms(message.id), _forms(message.string or "")
    return all(
        _places(form) == _places(originals[min(n, len(originals) - 1)]) for n, form in enumerate(forms)
    )


def _forms(text: str | Sequence[str]) -> Sequence[str]:
    return [text] if isinstance(text, str) else text


def _places(text: str) -> set[str]:
    return set(PLACE.findall(text))


def compile_catalogs() -> None:
    """Where the services look for them (``LOCALE_PATHS``). Each is whole at any time: services may be running."""
    for language, path in sources():
        target = env.state_dir() / "locale" / language / WITHIN.with_suffix(".mo")
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        with fresh.open("wb") as file:
            write_mo(file, read(language, path))
        fresh.replace(target)
