"""Query parameters: declared ones only; an unknown one is a 400 that names it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django_filters.rest_framework import (
    BaseInFilter,
    DjangoFilterBackend,
    IsoDateTimeFilter,
    MultipleChoiceFilter,
    TypedChoiceFilter,
    UUIDFilter,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.filters import BaseFilterBackend, OrderingFilter, SearchFilter
from rest_framework.request import Request

from apps.core.errors import ValidationFailed
from apps.core.models import Aggregate
from apps.core.pasted import pasted

if TYPE_CHECKING:
    from rest_framework.views import APIView

GENERAL = frozenset({"limit", "offset", "search", "ordering"})


def refuse_unknown(request: Request, known: Set[str]) -> None:
    """Raises ``ValidationFailed`` naming each query parameter that is not ``known``."""
    if unknown := sorted(request.query_params.keys() - known):
        raise ValidationFailed(
            f"Unknown query parameter: {', '.join(unknown)}.",
            errors={name: ["Unknown query parameter."] for name in unknown},
        )


def refuse_repeated(request: Request, single: Iterable[str]) -> None:
    """Raises ``ValidationFailed`` naming each parameter that takes one value and has several: one would be lost."""
    repeated = [name for name in single if len(request.query_params.getlist(name)) > 1]
    _refuse(repeated, "Given more than once.")


def _refuse(names: Iterable[str], message: str) -> None:
    """Raises ``ValidationFailed`` naming each of ``names``, if there are any."""
    if wrong := sorted(names):
        raise ValidationFailed(f"{', '.join(wrong)}: {message}", errors={name: [message] for name in wrong})


class KnownParametersOnly(BaseFilterBackend):
    """Refuses what the view's filter set does not declare, a filter without a value, and a second value where one is
    taken, so that neither a typo nor a lost variable gives another result than was asked for."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset_class = DjangoFilterBackend().get_filterset_class(view, queryset)
        filters = filterset_class.base_filters if filterset_class else {}
        declared = set(filters)
        refuse_unknown(request, declared | GENERAL)
        many = {name for name, one in filters.items() if isinstance(one, MultipleChoiceFilter)}
        refuse_repeated(request, (declared | GENERAL) - many)
        empty = [name for name in declared if "" in request.query_params.getlist(name)]
        _refuse(empty, "May not be empty: leave it out to list everything.")
        return queryset


class PastedOrWords(SearchFilter):
    """``search=``: an id, ours or the other system's, finds its row by its index; words are looked for in the view's
    ``search_fields``."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        term = request.query_params.get(self.search_param, "").strip()
        if "\0" in term:
            _refuse(["search"], "Null characters are not allowed.")
        names = ("pk", "external_id") if issubclass(queryset.model, Aggregate) else ("pk",)
        found = pasted(queryset, term, names)
        return super().filter_queryset(request, queryset, view) if found is None else found


class StrictOrderingFilter(OrderingFilter):
    """``ordering=name,-updated_at`` over the view's ``ordering_fields``; anything else is a 400.

    No two rows tie, so that pages neither lose nor repeat one.
    """

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Sequence[str]:
        asked = super().get_ordering(request, queryset, view)
        return untied(asked or queryset.model._meta.ordering, queryset.model)

    def remove_invalid_fields(
        self, queryset: QuerySet[Any], fields: Iterable[str], view: APIView, request: Request
    ) -> list[str]:
        valid = super().remove_invalid_fields(queryset, fields, view, request)
        if refused := [name for name in fields if name not in valid]:
            message = f"Cannot order by {', '.join(refused)}."
            raise ValidationFailed(message, errors={"ordering": [message]})
        return list(valid)


def untied(ordering: Sequence[Any], model: type[Model]) -> list[str]:
    """With the key at its end, in the direction of what is before it, unless no two rows tie as it is: a unique
    column's own index is in that order, and in no longer one."""
    names = [str(name) for name in ordering]
    fields = {field.name for field in model._meta.fields if field.unique and not field.null}
    if any(name.removeprefix("-") in {"pk", *fields} for name in names):
        return names
    return [*names, "-pk" if names and names[-1].startswith("-") else "pk"]


@extend_schema_field(OpenApiTypes.BOOL)
class StrictBooleanFilter(TypedChoiceFilter):
    """``true`` or ``false``; anything else is a 400 (django-filter's own takes any other word for no filter)."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda word: word == "true", empty_value=None, **kwargs)


class IdsFilter(BaseInFilter, UUIDFilter):
    """Rows by their ids, with commas between them."""


class MomentFilter(IsoDateTimeFilter):
    """A moment in any zone that ISO 8601 has: PostgreSQL knows fewer, so that it is asked in UTC."""

    def filter(self, qs: QuerySet[Any], value: datetime | None) -> QuerySet[Any]:
        try:
            moment = value.astimezone(UTC) if value else None
        except OverflowError as error:
            message = "Must be in the years 1 to 9999 of UTC."
            raise ValidationFailed(message, errors={str(self.field_name): [message]}) from error
        return super().filter(qs, moment)
