"""``GET /api/v1/<service>/ops/...``: what an operator's page is made of, for admins. Everything is read only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.rest import ADMINS
from apps.core import correlation, errors, ids
from apps.core.messages import Message
from apps.ops import correlated, flow, inbox
from apps.ops.serializers import AppliedSerializer, CorrelatedSerializer, FlowSerializer

CORRELATION_ID = OpenApiParameter(
    "correlation_id", {"type": "string", "pattern": f"^{correlation.PATTERN}$"}, OpenApiParameter.PATH
)
EVENTS = OpenApiParameter(
    "event",
    {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": inbox.MOST},
    description="An event's id; may be repeated.",
)


class CorrelationView(APIView):
    required_roles = ADMINS

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """What is no correlation id may be anything: neither the log nor an answer repeats it."""
        super().setup(request, *args, **kwargs)
        given = kwargs["correlation_id"]
        if not correlation.is_acceptable(given):
            request.path = request.path.removesuffix(given)

    @extend_schema(tags=["operations"], parameters=[CORRELATION_ID], responses=CorrelatedSerializer)
    def get(self, request: Request, correlation_id: str) -> Response:
        """The events of one correlation id and their deliveries; none when nothing is known of it."""
        if not correlation.is_acceptable(correlation_id):
            message = Message("Must be 1 to 64 characters: letters, digits, and any of . _ : -")
            errors.collect({"correlation_id": [message]})
        return Response(correlated.correlated(correlation_id))


class InboxView(APIView):
    required_roles = ADMINS

    @extend_schema(tags=["operations"], parameters=[EVENTS], responses=AppliedSerializer)
    def get(self, request: Request) -> Response:
        """Which of the given events this service has applied, and when."""
        return Response(inbox.applied(_event_ids(request.query_params)))


class FlowView(APIView):
    required_roles = ADMINS

    @extend_schema(tags=["operations"], responses=FlowSerializer)
    def get(self, request: Request) -> Response:
        """What goes through the service at this moment."""
        return Response(flow.flow())


def _event_ids(query: QueryDict) -> list[UUID]:
    """Raises ``ValidationFailed`` naming the parameter."""
    errors.collect({name: [Message("Unknown query parameter.")] for name in query if name != "event"})
    given = query.getlist("event")
    if len(given) > inbox.MOST:
        errors.collect({"event": [Message("At most {most} ids.", most=inbox.MOST)]})
    found = [id_ for text in given if (id_ := ids.parsed(text))]
    if len(found) < len(given):
        errors.collect({"event": [Message("Must be an id.")]})
    return found
