"""Sentences for people: English as they stand, and whole in any other language.

The rules and the actions say what is wrong in English, and that is what the REST API answers, always. A ``Message``
remembers how its sentence was made, so that a screen can say it in the language of the person who reads it
(``apps.admin_kit.wording``). Pure Python: the domain may import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self


class Message(str):
    """An English sentence, made from a template: ``Message("At most {most} values.", most=500)``.

    The template is the key of its translations, so it is a literal where it is written (``manage.py messages``
    collects it from there). A value that is a ``Message`` itself is translated, too.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    @classmethod
    def name(cls, identifier: str) -> Self:
        """A field by its REST name, ``valid_to``, which is read in words."""
        made = cls(identifier)
        made.template = identifier.replace("_", " ")
        return made

    @classmethod
    def joined(cls, messages: Iterable[str], separator: str = " ") -> Self:
        """Several as one."""
        values = {f"message_{number}": message for number, message in enumerate(messages)}
        return cls(separator.join(f"{{{name}}}" for name in values), **values)
