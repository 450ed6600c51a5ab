"""``GET /api/v1/<service>/events``: the schemas of this service's events."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.outbox.schemas import event_schemas


class EventSchemasView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(tags=["operations"], responses=OpenApiTypes.OBJECT, auth=[])
    def get(self, request: Request) -> Response:
        """CloudEvents type -> JSON schema of its ``data``."""
        return Response(event_schemas())
