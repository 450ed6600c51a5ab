"""What OPTIONS says of a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MethodsOnly(BaseMetadata):
    """Its methods, in ``Allow``; what is sent and comes back is in the OpenAPI document. DRF's own has one serializer
    for both."""

    def determine_metadata(self, request: Request, view: APIView) -> None:
        return None
