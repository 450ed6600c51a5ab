"""Admin single sign-on: one login at identity, verified by every service itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.access import cookies, roles
from apps.access.verify import verify
from apps.core.errors import Unauthenticated, Unavailable
from apps.core.middleware import problem_response
from config.services import SERVICES

log = structlog.get_logger(__name__)

SIGN_IN = "/admin/login/"
SIGN_OUT = "/admin/logout/"
REVOKE_TIMEOUT_SECONDS = 3.0
View = Callable[[HttpRequest], HttpResponse]


class TokenRolesBackend(BaseBackend):
    """Permissions from the token's roles; nobody signs in here, so there is nothing to authenticate."""

    def get_user(self, user_id: Any) -> Any:
        return get_user_model()._default_manager.filter(pk=user_id).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return bool(user_obj.is_active) and roles.allows(getattr(user_obj, "roles", ()), perm)


class SingleSignOnMiddleware:
    """Under this service's /admin and /ops, and only there, the access cookie says who is asking.

    The cookie's token is verified like any other. Who is not signed in is sent to identity's page and comes
    back afterwards. The sign-in and sign-out of the stock admin are identity's, too. CSRF protection is
    Django's own and stays as it is: it has run before ``process_view`` here.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.admin_path = SERVICES[settings.SERVICE_NAME].admin_path

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith((self.admin_path, "/ops/")):
            return self.get_response(request)
        try:
            user = signed_in(request)
        except Unavailable as error:
            return problem_response(error, request)
        request.user = user or AnonymousUser()
        if user is None and request.path != SIGN_IN:
            return HttpResponseRedirect(f"{SIGN_IN}?{urlencode({'next': request.get_full_path()})}")
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Stand in for the stock admin's own sign-out, which is at /admin/<service>/logout/."""
        if (
            request.method == "POST"
            and request.path == f"{self.admin_path}logout/"
            and request.path != SIGN_OUT
        ):
            return sign_out(request, revoke=revoke_at_identity)
        return None


def signed_in(request: HttpRequest) -> Any | None:
    """The user row behind the access cookie; None without a valid one, or for who may not open the admin."""
    token = request.COOKIES.get(settings.ACCESS_COOKIE)
    if not token:
        return None
    try:
        claimed = verify(token)
    except Unauthenticated:
        return None
    if not roles.is_person(claimed.roles):
        return None
    user = get_user_model()._default_manager.for_token(claimed)
    return user if user is not None and user.is_active and user.is_staff else None


def sign_out(request: HttpRequest, *, revoke: Callable[[str], None]) -> HttpResponse:
    """Forget the cookies and ``revoke`` the refresh token; a redirect to the sign-in page."""
    refresh_token = request.COOKIES.get(settings.ACCESS_REFRESH_COOKIE)
    if refresh_token:
        revoke(refresh_token)
    response = HttpResponseRedirect(SIGN_IN)
    response.cookies.update(cookies.cleared())
    return response


def revoke_at_identity(refresh_token: str) -> None:
    """Have identity end the session. The browser's copies go either way: signing out does not wait for identity."""
    url = urljoin(settings.ACCESS_TOKEN_URL, "logout")
    body = {"refresh_token": refresh_token}
    try:
        httpx.post(url, json=body, timeout=REVOKE_TIMEOUT_SECONDS, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        log.warning("sign_out_not_revoked", reason=type(error).__name__)
