"""Tokens: got, renewed and given up. All public: what is sent is the credential."""

from __future__ import annotations

import base64
import binascii
from typing import cast
from urllib.parse import unquote_plus

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.users import TokenUser
from apps.core.errors import Unauthenticated, ValidationFailed
from apps.rest.parsers import StrictJSONParser
from apps.rest.serializers import shaped
from catalog_services.identity.actions.client_sign_in import client_sign_in
from catalog_services.identity.actions.refresh import refresh, sign_out
from catalog_services.identity.actions.sign_in import sign_in
from catalog_services.identity.api.address import client_address
from catalog_services.identity.api.parsers import StrictFormParser
from catalog_services.identity.api.serializers import (
    BearerSerializer,
    ClientCredentialsSerializer,
    CredentialsSerializer,
    MeSerializer,
    RefreshTokenSerializer,
    TokenPairSerializer,
)
from catalog_services.identity.tokens import bearer

# RFC 6749, 5.1: token responses must not be kept by anybody in between.
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class PublicAuthView(APIView):
    """Takes a form or JSON, from anybody."""

    permission_classes = [AllowAny]
    parser_classes = [StrictJSONParser, StrictFormParser]


class LoginView(PublicAuthView):
    @extend_schema(
        tags=["auth"], request=CredentialsSerializer, responses=TokenPairSerializer, operation_id="login"
    )
    def post(self, request: Request) -> Response:
        """A token pair for a username and a password."""
        given = shaped(CredentialsSerializer, request.data)
        made = sign_in(**given, address=client_address(request))
        return Response(made.body, headers=_NOT_STORED)


class RefreshView(PublicAuthView):
    @extend_schema(
        tags=["auth"], request=RefreshTokenSerializer, responses=TokenPairSerializer, operation_id="refresh"
    )
    def post(self, request: Request) -> Response:
        """The next token pair. A refresh token is good once; used again later, it ends the session."""
        made = refresh(token=shaped(RefreshTokenSerializer, request.data)["refresh_token"])
        return Response(made.body, headers=_NOT_STORED)


class LogoutView(PublicAuthView):
    @extend_schema(
        tags=["auth"], request=RefreshTokenSerializer, responses={204: None}, operation_id="logout"
    )
    def post(self, request: Request) -> Response:
        """End the session a refresh token belongs to. Answers 204 for a token that is no longer good, too."""
        sign_out(token=shaped(RefreshTokenSerializer, request.data)["refresh_token"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenView(PublicAuthView):
    @extend_schema(
        tags=["auth"],
        request=ClientCredentialsSerializer,
        responses=BearerSerializer,
        operation_id="client_token",
    )
    def post(self, request: Request) -> Response:
        """An access token for a service (OAuth 2 client credentials; in the body or as HTTP Basic)."""
        given = shaped(ClientCredentialsSerializer, request.data)
        client_id, secret = basic_credentials(request) or (given.get("client_id"), given.get("client_secret"))
        missing = {"client_id": client_id, "client_secret": secret}
        if not client_id or not secret:
            raise ValidationFailed(
                errors={k: ["This field is required."] for k, v in missing.items() if not v}
            )
        token = client_sign_in(client_id=client_id, secret=secret, address=client_address(request))
        return Response(bearer(token), headers=_NOT_STORED)


class MeView(APIView):
    @extend_schema(tags=["auth"], responses=MeSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who the bearer of this token is, now."""
        user = cast(TokenUser, request.user)
        return Response({"id": str(user.id), "username": user.username, "roles": sorted(user.roles)})


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Client id and secret from HTTP Basic (RFC 6749, 2.3.1: both are form-encoded); None without such a header."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("The Authorization header is not valid HTTP Basic.") from error
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if not colon or len(client_id) > 100 or len(secret) > 1024 or "\x00" in client_id + secret:
        raise Unauthenticated("The Authorization header is not valid HTTP Basic.")
    return client_id, secret
