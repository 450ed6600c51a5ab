"""The REST shape every aggregate has; a service's viewset names its actions and its filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any, ClassVar, Protocol, cast
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.core.actor import Actor
from apps.rest.etags import etag, expected_version
from apps.rest.filters import refuse_repeated, refuse_unknown
from apps.rest.parsers import MergePatchParser
from apps.rest.readonly import without_readonly
from apps.rest.serializers import shaped

Action = Callable[..., Any]


def actor_of(request: Request) -> Actor:
    """Who is calling; the permission class has seen to it that somebody is."""
    return cast(Actor, cast(Any, request.user).actor)


class Versioned(Protocol):
    """What has a version, and so an ETag."""

    @property
    def version(self) -> int: ...


class ReadViewSet(viewsets.GenericViewSet[Any]):
    """list and retrieve, of rows that have a version.

    ``write_parameters`` are what a writing action takes in the query, by its name; anything else there is a 400.
    """

    lookup_value_converter = "uuid"
    write_parameters: ClassVar[Mapping[str, Set[str]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action and request.method not in SAFE_METHODS:
            known = self.write_parameters.get(self.action, frozenset())
            refuse_unknown(request, known)
            refuse_repeated(request, known)

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise Http404
        return self.represent(row)

    def represent(self, row: Versioned, code: int = status.HTTP_200_OK) -> Response:
        """A row as the response's body, its version as the ETag."""
        return Response(self.get_serializer(row).data, status=code, headers={"ETag": etag(row.version)})


class AggregateViewSet(ReadViewSet):
    """Also create, update, partial_update and destroy.

    ``serializer_class`` describes the representation, ``write_serializer_class`` what a client may send;
    ``create_action(actor, fields)``, ``update_action(actor, id, fields, expected_version)`` and
    ``delete_action(actor, id, expected_version)`` do the work. A change may hold what is only read, as it is;
    ``momentary`` are the fields that change without a version, and may be as they were when it was read.
    """

    write_serializer_class: ClassVar[type[BaseSerializer[Any]]]
    create_action: ClassVar[Action]
    update_action: ClassVar[Action]
    delete_action: ClassVar[Action]
    momentary: ClassVar[Set[str]] = frozenset()
    takes_if_match = True

    def get_parsers(self) -> list[BaseParser]:
        """A change may also come as a JSON merge patch: no representation has an object within, so that both say the
        same."""
        is_change = getattr(self.request, "method", "") == "PATCH"  # None, at first, for the OpenAPI document
        return [*super().get_parsers(), *([MergePatchParser()] if is_change else [])]

    def create(self, request: Request) -> Response:
        fields = shaped(self.write_serializer_class, request.data)
        row = type(self).create_action(actor=actor_of(request), fields=fields)
        response = self.represent(row, status.HTTP_201_CREATED)
        response["Location"] = f"{request.path.rstrip('/')}/{row.pk}"
        return response

    def update(self, request: Request, pk: UUID) -> Response:
        """Replace what can be changed. What cannot may be sent back as it was read, or left out."""
        return self._change(request, pk, partial=False)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change what is given. What cannot be changed may be sent back as it was read."""
        return self._change(request, pk, partial=True)

    def destroy(self, request: Request, pk: UUID) -> Response:
        type(self).delete_action(
            actor=actor_of(request),
            id=pk,
            expected_version=expected_version(request),
            **self.delete_options(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def delete_options(self, request: Request) -> dict[str, Any]:
        """Further keywords of ``delete_action``; none unless a service says so."""
        return {}

    def _change(self, request: Request, pk: UUID, *, partial: bool) -> Response:
        seen = expected_version(request)
        fields = shaped(self.write_serializer_class, self._given(request, pk, seen), partial=partial)
        row = type(self).update_action(actor=actor_of(request), id=pk, fields=fields, expected_version=seen)
        return self.represent(row)

    def _given(self, request: Request, pk: UUID, seen: int | None) -> Any:
        """The body of a change, without what can only be read; that has to be as it is."""
        read, written = cast(Any, self.serializer_class), cast(Any, self.write_serializer_class)
        readonly = read._declared_fields.keys() - written._declared_fields.keys()
        if not isinstance(request.data, dict) or readonly.isdisjoint(request.data):
            return request.data
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise Http404
        is_meant = seen in {None, row.version}
        shown = self.get_serializer(row).data if is_meant else None
        return without_readonly(request.data, readonly, shown, momentary=self.momentary)


def crud_schema(write: type[BaseSerializer[Any]], read: type[BaseSerializer[Any]]) -> Callable[[Any], Any]:
    """The OpenAPI of an ``AggregateViewSet``: one serializer is sent, another comes back."""
    return extend_schema_view(
        create=extend_schema(request=write, responses={201: read}),
        update=extend_schema(request=write, responses={200: read}),
        partial_update=extend_schema(request=write, responses={200: read}),
        destroy=extend_schema(responses={204: None}),
    )
