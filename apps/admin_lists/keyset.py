"""A place in an ordered list as the values of a row there, so that what comes next is found by an index.

OFFSET reads and throws away every row before the page: the deeper, the slower.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP


class NoPlace(Exception):
    """What is said to be a place in this list is none: written by hand, or for another order."""


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order: ``path`` as in a lookup, its ``field``, whether it may be empty."""

    path: str
    field: Field[Any, Any]
    descending: bool
    nullable: bool

    def value(self, row: Model) -> Any:
        """The row's, None as well where a relation on the way is empty."""
        steps = self.path.split(LOOKUP_SEP)
        return reduce(lambda found, name: getattr(found, name, None), steps, cast(Any, row))

    def beyond(self, value: Any) -> Q:
        """What comes after ``value``. PostgreSQL has empty ones last, in a descending order first."""
        empty = Q(**{f"{self.path}__isnull": True})
        if value is None:
            return ~empty if self.descending else Q(pk__in=[])
        further = Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        return further | empty if self.nullable and not self.descending else further

    def at(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})


def keys_of(queryset: QuerySet[Any]) -> list[Key] | None:
    """The columns that the rows are ordered by; None for an order by something else."""
    found: list[Key] = []
    for part in queryset.query.order_by:
        if not isinstance(part, str):
            return None
        found += _keys(queryset.model, part.lstrip("-"), descending=part.startswith("-"))
    return found


def _keys(model: type[Model], path: str, *, descending: bool) -> list[Key]:
    """Ordering by a relation is ordering by its model's own order."""
    step, nullable, names = model, False, []
    field: Any = None
    for name in path.split(LOOKUP_SEP):
        field = step._meta.pk if name == "pk" else step._meta.get_field(name)
        nullable |= field.null
        names.append(name if name != "pk" else field.name)
        step = field.related_model or step
    if not field.is_relation or names[-1] == field.attname:
        return [Key(LOOKUP_SEP.join(names), field, descending, nullable)]
    found: list[Key] = []
    for part in step._meta.ordering or ["pk"]:
        below = f"{path}{LOOKUP_SEP}{str(part).lstrip('-')}"
        found += _keys(model, below, descending=descending ^ str(part).startswith("-"))
    return found


def after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The rows that come after the one with these values."""
    (key, *keys_left), (value, *values_left) = keys, values
    condition = key.beyond(value)
    if keys_left:
        condition |= key.at(value) & after(keys_left, values_left)
    if value is None or key.nullable:
        return condition
    # Says nothing new, but this an index on the first column can answer.
    return Q(**{f"{key.path}__{'lte' if key.descending else 'gte'}": value}) & condition


def before(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The rows that come before it: after it, in the reversed order."""
    return after([replace(key, descending=not key.descending) for key in keys], values)


def written(keys: Sequence[Key], row: Model) -> str:
    """The row's place as text that fits into a URL."""
    values = json.dumps([key.value(row) for key in keys], default=str)
    return base64.urlsafe_b64encode(values.encode()).decode().rstrip("=")


def read(keys: Sequence[Key], text: str) -> list[Any]:
    """The values of a written place. Raises ``NoPlace``."""
    try:
        given = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(given, list) or len(given) != len(keys) or "\0" in "".join(map(str, given)):
            raise NoPlace
        return [
            None if one is None else key.field.to_python(one) for key, one in zip(keys, given, strict=True)
        ]
    except (ValueError, TypeError, ValidationError) as error:
        raise NoPlace from error
