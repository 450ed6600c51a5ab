"""Everything that the admin says, collected from where it is written: code, templates, names of models, the registry.

Needs Django set up with all services in one (``config.settings.everything``).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract

from apps.core.messages import Message
from config import env
from config.services import SECTIONS, SERVICES

OURS = ("apps", "catalog_services", "config")
OTHERS = ("unfold", "rest_framework")
"""They are on our screens, and their own translations are none or not whole."""
NOT_USED = frozenset({"migrations", "contrib", "authtoken"})

KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "Message": None,
}
Text = str | tuple[str, ...]
"""A text, or its singular and its plural."""
IsSaid = Callable[[Text, str | None], bool]
"""Whether something holds of a text in a context."""


@dataclass(slots=True)
class Said:
    """A text and the files that say it."""

    text: Text
    context: str | None
    where: set[str] = field(default_factory=set)


def catalog(is_needed: IsSaid) -> Catalog:
    """A template of what is said here, as far as a translation of ours is needed."""
    found: dict[tuple[Text, str | None], Said] = {}
    for where, text, context in _all():
        found.setdefault((text, context), Said(text, context)).where.add(where)
    made = Catalog(domain="django", project="Catalog Suite", charset="utf-8")
    for said in found.values():
        if said.text and is_needed(said.text, said.context):
            made.add(said.text, context=said.context, locations=[(path, 1) for path in sorted(said.where)])
    return made


def translated_by_others(language: str) -> IsSaid:
    """Whether Django, or another application that we use, has a translation of a text."""
    from django.conf import settings
    from django.utils.translation.trans_real import CONTEXT_SEPARATOR, DjangoTranslation

    settings.LOCALE_PATHS = []
    theirs = DjangoTranslation(language)._catalog  # type: ignore[attr-defined]

    def known(text: Text, context: str | None) -> bool:
        several = not isinstance(text, str)
        key = text[0] if several else text
        if context:
            key = f"{context}{CONTEXT_SEPARATOR}{key}"
        return ((key, 1) if several else key) in theirs

    return known


def _all() -> Iterator[tuple[str, Text, str | None]]:
    for folder in OURS:
        yield from _written_in(env.BASE_DIR / folder, env.BASE_DIR)
    for package in OTHERS:
        path = Path(str(files(package)))
        yield from _written_in(path, path.parent)
    for service in SERVICES.values():
        yield from (("config/services.py", screen.title, None) for screen in service.screens)
    yield from (("config/services.py", section, None) for section in SECTIONS)
    yield from (("models", name, None) for name in names())


def _written_in(folder: Path, root: Path) -> Iterator[tuple[str, Text, str | None]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or NOT_USED & set(path.parts):
            continue
        where, source = path.relative_to(root).as_posix(), path.read_text()
        code = source if path.suffix == ".py" else _as_code(source)
        for _line, text, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
            yield where, text, context


def _as_code(template: str) -> str:
    """The template's texts as calls of gettext, each on a line of its own; Django blots out all else with X."""
    from django.utils.translation.template import templatize

    return "\n".join(
        line.strip() for line in templatize(template).splitlines() if "gettext" in line or "_(" in line
    )


def names() -> Iterator[str]:
    """What models, fields and choices on the admin's screens are called; fields also as a rule names them."""
    from django.contrib import admin
    from django.utils.translation import override

    from apps.core.models import Aggregate

    admin.autodiscover()
    with override(None):
        for model in admin.site._registry:
            options = model._meta
            yield str(options.verbose_name)
            yield str(options.verbose_name_plural)
            for column in options.local_fields:
                yield str(column.verbose_name)
                if issubclass(model, Aggregate):
                    yield Message.name(column.name).template
                yield from (str(label) for _, label in column.choices or ())
