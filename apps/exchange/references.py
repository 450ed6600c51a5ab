"""Rows that a cell refers to: written by name where the name is one row's alone, else by id; read by either."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Count, Model

from apps.admin_kit.choices import Source
from apps.core.ids import parsed
from apps.core.messages import Message

LATER = UUID(int=0)
"""Stands in a preview for a row that the same file creates further up: it has no id yet."""

type Above = Callable[[type[Model], str], bool]
"""Whether a row of that model and name is created further up in the file."""


class References:
    """The rows of a ``Source``, with the names of a page of them at hand."""

    def __init__(self, noun: str, source: Source) -> None:
        self.noun, self.source = noun, source
        self._names: dict[str, str] = {}

    def load(self, ids: Iterable[object]) -> None:
        """Have the names of these at hand, and no others: memory stays flat."""
        wanted = [found for id_ in ids if (found := parsed(id_))]
        rows = self.source.rows().filter(**{f"{self.source.key}__in": wanted}) if wanted else ()
        names = {str(getattr(row, self.source.key)): row.name for row in rows}
        known = self.source.rows().filter(name__in=set(names.values())).order_by()
        alike = known.values("name").annotate(alike=Count("pk")).filter(alike__gt=1)
        ambiguous = set(alike.values_list("name", flat=True)) if names else set()
        self._names = {id_: "" if name in ambiguous else name for id_, name in names.items()}

    def name(self, id_: object) -> str:
        """The name that stands for this id alone; empty when there is none."""
        if str(id_) not in self._names:
            self.load([id_])
        return self._names.get(str(id_), "")

    def written(self, id_: object) -> str:
        """The name, or the id where the name would be read as something else."""
        name = self.name(id_)
        return str(id_) if parsed(name) or _is_no_line(name) else name

    def id_of(self, text: str, above: Above | None) -> UUID:
        """The id that a text is or names. Raises ``ValueError`` for a name that nobody or more than one has."""
        if id_ := parsed(text):
            return id_
        key = self.source.key
        found = list(self.source.rows().filter(name=text).order_by().values_list(key, flat=True)[:2])
        if len(found) == 1:
            return UUID(str(found[0]))
        if found:
            raise ValueError(
                Message(
                    "More than one {kind} is called {text}: give the id.", kind=Message(self.noun), text=text
                )
            )
        if above is not None and above(self.source.rows().model, text):
            return LATER
        raise ValueError(Message("There is no {kind} called {text}.", kind=Message(self.noun), text=text))


def _is_no_line(name: str) -> bool:
    return not name or name != name.strip() or len(name.splitlines()) != 1 or name.startswith(("[", "{"))
