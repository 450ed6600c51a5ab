"""Tokens and roles at the django-ninja edge: ``auth=required`` or ``auth=optional``."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from apps.access.users import TokenUser
from apps.access.verify import bearer_token, verify
from apps.core.actor import ADMIN, MANAGER, SERVICE, VIEWER
from apps.core.errors import Forbidden, Unauthenticated


class Anonymous:
    """``request.auth`` of a public endpoint called without a token."""

    is_authenticated = False
    actor = None


ANONYMOUS = Anonymous()


class Bearer(HttpAuthBase):
    """``request.auth`` becomes the ``TokenUser``.

    Raises ``Unauthenticated`` without a token and, on public endpoints too, for a bad one;
    ``Forbidden`` when the bearer has none of ``roles``.
    """

    openapi_scheme = "bearer"

    def __init__(
        self, *, roles: Collection[str] = (ADMIN, MANAGER, VIEWER, SERVICE), optional: bool = False
    ) -> None:
        super().__init__()
        self.roles = frozenset(roles)
        self.optional = optional

    def __call__(self, request: HttpRequest) -> TokenUser | Anonymous:
        token = bearer_token(request.headers.get("Authorization"))
        if token is None:
            if self.optional:
                return ANONYMOUS
            raise Unauthenticated
        user = verify(token)
        if not user.roles & self.roles:
            raise Forbidden
        return user


required = Bearer()
optional = Bearer(optional=True)
