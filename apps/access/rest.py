"""Tokens and roles at the DRF edge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.access.users import TokenUser
from apps.access.verify import bearer_token, verify
from apps.core.actor import ADMIN, MANAGER, SERVICE, VIEWER

if TYPE_CHECKING:  # DRF imports this module while it is being imported itself
    from rest_framework.views import APIView

READERS = frozenset({ADMIN, MANAGER, VIEWER, SERVICE})
WRITERS = frozenset({ADMIN, MANAGER})
ADMINS = frozenset({ADMIN})


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer`` only, never a cookie; ``request.user`` is a ``TokenUser``.

    A bad bearer token is 401 even where none is needed. Where ``access.Principal`` lives, its row is
    kept current, so that history has someone to point to.
    """

    def authenticate(self, request: Request) -> tuple[TokenUser, str] | None:
        token = bearer_token(request.headers.get("Authorization"))
        if token is None:
            return None
        user = verify(token)
        if apps.is_installed("apps.access"):
            from apps.access.models import Principal

            Principal.objects.for_token(user)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="catalog-suite"'


class RolePermission(BasePermission):
    """Who has a role may read; admins and managers may write; a service may read.

    A view that differs sets ``required_roles``: a set for all it does, or a mapping from an action's or
    a method's name (``"publish"``, ``"post"``) to a set, with the rule above for what it leaves out.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, TokenUser):
            return False
        return bool(request.user.roles & frozenset(self._required(request, view)))

    def _required(self, request: Request, view: APIView) -> Collection[str]:
        default = READERS if request.method in SAFE_METHODS else WRITERS
        declared: Any = getattr(view, "required_roles", None)
        if declared is None:
            return default
        if not isinstance(declared, Mapping):
            allowed: Collection[str] = declared
            return allowed
        for name in (getattr(view, "action", None), (request.method or "").lower()):
            if name in declared:
                named: Collection[str] = declared[name]
                return named
        return default
