"""The sign-in cookies as headers, for who writes headers by hand (the gateway)."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

from apps.access import cookies


def test_a_pair_is_two_protected_set_cookie_values(settings: Any) -> None:
    values = cookies.header_values(cookies.pair("a.b.c", "d.e.f"))
    assert [value.split("=")[0] for value in values] == [
        settings.ACCESS_COOKIE,
        settings.ACCESS_REFRESH_COOKIE,
    ]
    for value in values:
        assert "HttpOnly" in value
        assert "SameSite=Lax" in value
        assert "Path=/" in value
        assert "Secure" not in value
        assert f"Max-Age={12 * 3600}" in value


def test_over_https_they_are_secure(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert all("Secure" in value for value in cookies.header_values(cookies.pair("a", "b")))


def test_cleared_cookies_end_at_once(settings: Any) -> None:
    for value in cookies.header_values(cookies.cleared()):
        assert "Max-Age=0" in value
        assert "1970" in value
        assert next(iter(SimpleCookie(value).values())).value == ""


def test_their_names_tell_two_checkouts_on_one_machine_apart(settings: Any) -> None:
    from config import env

    assert settings.ACCESS_COOKIE.endswith(f"_{env.port_offset()}")
    assert settings.ACCESS_REFRESH_COOKIE.endswith(f"_{env.port_offset()}")
