"""What is pasted into a search: an id, which is found by its index, where words are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet


def pasted[Rows: QuerySet[Any]](rows: Rows, term: str, names: Iterable[str]) -> Rows | None:
    """The ``rows`` of which one of the fields ``names`` is the whole ``term``; None when there are none, or it fits no
    field."""
    options = rows.model._meta
    wanted = Q()
    for name in names if term else ():
        field: Any = options.pk if name == "pk" else options.get_field(name)
        try:
            wanted |= Q(**{name: field.to_python(term)})
        except ValidationError:
            continue
    found = rows.filter(wanted) if wanted else None
    return found if found is not None and found.exists() else None
