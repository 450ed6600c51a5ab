"""Admin single sign-on: one login at identity, verified by every service itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from apps.access import cookies, roles
from apps.access.verify import verify
from apps.core import http
from apps.core.errors import Unauthenticated, Unavailable
from config.services import SERVICES

log = structlog.get_logger(__name__)

SIGN_IN = "/admin/login/"
SIGN_OUT = "/admin/logout/"
LANGUAGE = "/admin/language/"
"""Where the sign-in page's language is chosen."""
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
    back afterwards; who was about to save something is not sent away from it. The sign-in and sign-out of the
    stock admin are identity's, too. CSRF protection is Django's own and stays as it is: it has run before
    ``process_view`` here.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.admin_path = SERVICES[settings.SERVICE_NAME].admin_path

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith((self.admin_path, "/ops/")):
            return self.get_response(request)
        try:
            user = signed_in(request)
        except Unavailable:
            return _page(request, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"})
        request.user = user or AnonymousUser()
        if user is None and not self._is_open(request):
            return _asked_to_sign_in(request)
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _is_open(self, request: HttpRequest) -> bool:
        """Signing in is, in whichever language, and signing out: also when it has expired, there is one to end."""
        return request.path in {SIGN_IN, LANGUAGE} or self._is_sign_out(request)

    def _is_sign_out(self, request: HttpRequest) -> bool:
        return request.method == "POST" and request.path == f"{self.admin_path}logout/"

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Stand in for the stock admin's own sign-out, which is at /admin/<service>/logout/."""
        if self._is_sign_out(request) and request.path != SIGN_OUT:
            return sign_out(request, revoke=revoke_at_identity)
        return None


def _asked_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page is left for the sign-in; what only renews a part of a page, or brings a form, stays where it is."""
    if request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers:
        return HttpResponseRedirect(f"{SIGN_IN}?{urlencode({'next': request.get_full_path()})}")
    return _page(request, HTTPStatus.UNAUTHORIZED)


def _page(request: HttpRequest, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A page that says what to do, and that nobody keeps."""
    response = render(request, f"{status.value}.html", status=status)
    for name, value in {"Cache-Control": "no-store", **(headers or {})}.items():
        response[name] = value
    return response


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
        with http.client(timeout=REVOKE_TIMEOUT_SECONDS) as client:
            client.post(url, json=body).raise_for_status()
    except httpx.HTTPError as error:
        log.warning("sign_out_not_revoked", reason=type(error).__name__)
