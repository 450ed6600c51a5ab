"""``GET /api/v1/<service>/digest``: paged ids, versions and hashes for services and admins."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.actor import ADMIN, SERVICE
from apps.core.errors import ValidationFailed
from apps.outbox.digest import digest_page

ENTRY = inline_serializer(
    "DigestEntry",
    {"id": serializers.UUIDField(), "version": serializers.IntegerField(), "hash": serializers.CharField()},
    many=True,
)


class DigestView(APIView):
    required_roles = frozenset({ADMIN, SERVICE})

    @extend_schema(
        tags=["operations"],
        parameters=[OpenApiParameter("kind", str, required=True), OpenApiParameter("after", UUID)],
        responses=ENTRY,
    )
    def get(self, request: Request) -> Response:
        """One page of the digest; the next page starts ``after`` the last id of this one."""
        return Response(digest_page(request.query_params.get("kind", ""), after=_after(request)))


def _after(request: Request) -> UUID | None:
    given = request.query_params.get("after")
    try:
        return UUID(given) if given else None
    except ValueError as error:
        raise ValidationFailed("after: Must be an id.", errors={"after": ["Must be an id."]}) from error
