"""The sign-in cookies: set by identity, renewed by the gateway, read only under /admin and /ops."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie

from django.conf import settings

PATH = "/"


def pair(access_token: str, refresh_token: str) -> SimpleCookie:
    """Both cookies of a sign-in, HttpOnly, SameSite=Lax, Secure where the suite is served over https.

    Both live as long as the refresh token: an expired access cookie tells the gateway to renew it.
    """
    cookies: SimpleCookie = SimpleCookie()
    seconds = int(settings.ACCESS_REFRESH_LIFETIME.total_seconds())
    for name, value in _named(access_token, refresh_token):
        cookies[name] = value
        _protect(cookies[name], seconds)
    return cookies


def cleared() -> SimpleCookie:
    """Both cookies as a browser forgets them."""
    cookies: SimpleCookie = SimpleCookie()
    for name, value in _named("", ""):
        cookies[name] = value
        _protect(cookies[name], 0)
        cookies[name]["expires"] = "Thu, 01 Jan 1970 00:00:00 GMT"
    return cookies


def header_values(cookies: SimpleCookie) -> list[str]:
    """``Set-Cookie`` header values, for who writes headers by hand."""
    return [morsel.OutputString() for morsel in cookies.values()]


def _named(access_token: str, refresh_token: str) -> tuple[tuple[str, str], ...]:
    return (settings.ACCESS_COOKIE, access_token), (settings.ACCESS_REFRESH_COOKIE, refresh_token)


def _protect(morsel: Morsel[str], seconds: int) -> None:
    morsel["path"] = PATH
    morsel["max-age"] = seconds
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    morsel["secure"] = settings.SESSION_COOKIE_SECURE
