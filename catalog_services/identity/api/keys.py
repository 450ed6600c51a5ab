"""The public halves of the signing keys."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog_services.identity.api.serializers import JwksSerializer, PublicKeySerializer
from catalog_services.identity.domain.keys import ALGORITHM
from catalog_services.identity.selectors.keys import active_key, jwks

# Below the time that verifiers keep a set (apps.access.keys.FRESH_SECONDS).
_CACHED = {"Cache-Control": "public, max-age=60"}


class JwksView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(tags=["keys"], responses=JwksSerializer, operation_id="jwks")
    def get(self, request: Request) -> Response:
        """Every key a verifier should know (RFC 7517): announced, signing, retiring."""
        return Response(jwks(), headers=_CACHED)


class PublicKeyView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(tags=["keys"], responses=PublicKeySerializer, operation_id="public_key")
    def get(self, request: Request) -> Response:
        """The key that signs now, as PEM."""
        key = active_key()
        body = {"public_key": key.public_pem, "algorithm": ALGORITHM, "kid": key.kid}
        return Response(body, headers=_CACHED)
