"""Admin single sign-on at a write service: the characteristic service's own admin."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from apps.access import keys
from apps.access.models import Principal
from apps.core import correlation
from catalog_services.characteristic.models import Characteristic
from tests.support.admin import rows
from tests.support.tokens import Issuer

ROOT, ADD = "/admin/characteristic/", "/admin/characteristic/characteristic/characteristic/add/"
LIST = "/admin/characteristic/characteristic/characteristic/"
SUB = UUID("01a20aaf-c7e8-721d-93f0-ba5f3db581e6")
Browser = Callable[..., Client]


@pytest.fixture
def browser(db: None, tokens: Issuer, settings: Any) -> Browser:
    """``browser("viewer")``: signed in with that role, CSRF checked; further keywords are claims."""

    def make(role: Any = None, **claims: Any) -> Client:
        client = Client(enforce_csrf_checks=True)
        if role is not None:
            client.cookies[settings.ACCESS_COOKIE] = tokens.make(role, sub=SUB, username="anna", **claims)
        return client

    return make


def csrf(client: Client, page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(page).content.decode())
    assert found
    return found.group(1)


def create(client: Client, **changes: Any) -> Any:
    form = {
        "name": "Speed",
        "description": "",
        "value_type": "number",
        "unit_of_measure": "Mbps",
        **rows("values", [{"value": "100", "is_default": True}]),
        "csrfmiddlewaretoken": csrf(client, ADD),
    }
    return client.post(ADD, {**form, **changes})


def test_who_is_not_signed_in_is_sent_to_identity_with_the_way_back(browser: Browser) -> None:
    response = browser().get(f"{LIST}?q=a&p=1")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/?next=%2Fadmin%2Fcharacteristic%2F")
    assert "q%3Da%26p%3D1" in response["Location"]


@pytest.mark.parametrize("path", [f"{ROOT}login/", ADD, "/ops/"])
def test_every_page_of_the_admin_and_ops_asks(browser: Browser, path: str) -> None:
    assert browser().get(path)["Location"].startswith("/admin/login/")
    assert browser().post(path).status_code == 401


@pytest.mark.parametrize("claims", [{}, {"exp": 1}])
def test_who_saves_after_his_sign_in_has_ended_is_not_sent_away_from_what_he_typed(
    browser: Browser, claims: dict[str, Any]
) -> None:
    client = browser("manager", **claims) if claims else browser()
    response = client.post(ADD, {"name": "Speed"})
    page = response.content.decode()
    assert response.status_code == 401
    assert "nothing was saved" in page
    assert 'href="/admin/login/" target="_blank"' in page
    assert response[correlation.HEADER] in page
    assert "no-store" in response["Cache-Control"]
    assert "<form" not in page, "nothing of the page itself"


def test_what_is_saved_again_after_signing_in_again_arrives(
    browser: Browser, tokens: Issuer, settings: Any
) -> None:
    """The browser's reload: the same form, with the cookie of the new sign-in."""
    client = browser("manager")
    token = csrf(client, ADD)
    client.cookies[settings.ACCESS_COOKIE] = tokens.make("manager", exp=1)
    form = {"name": "Speed", "unit_of_measure": "Mbps", **rows("values", []), "csrfmiddlewaretoken": token}
    assert client.post(ADD, form).status_code == 401
    client.cookies[settings.ACCESS_COOKIE] = tokens.make("manager")
    assert client.post(ADD, form).status_code == 302
    assert Characteristic.objects.get().name == "Speed"


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in(browser: Browser) -> None:
    response = browser().get(f"{LIST}{SUB}/where-used/", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert "Location" not in response


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"aud": "else"},
        {"iss": "else"},
        {"token_type": "refresh"},
        {"roles": ["service"]},
        {"roles": []},
    ],
)
def test_a_cookie_that_would_not_do_as_a_bearer_token_does_not_do_here(
    browser: Browser, claims: dict[str, Any]
) -> None:
    assert browser("admin", **claims).get(LIST).status_code == 302
    assert not Principal.objects.exists()


def test_a_bearer_token_is_no_way_into_the_admin(browser: Browser, tokens: Issuer) -> None:
    response = browser().get(LIST, headers={"Authorization": f"Bearer {tokens.make('admin')}"})
    assert response.status_code == 302


def test_a_viewer_looks_and_changes_nothing(browser: Browser) -> None:
    client = browser("viewer")
    assert client.get(LIST).status_code == 200
    refused = client.get(ADD)
    assert refused.status_code == 403
    assert "You are signed in as anna (viewer)." in refused.content.decode()


def test_what_is_not_there_is_a_page_that_leads_back(browser: Browser) -> None:
    missing = browser("viewer").get(f"{ROOT}nothing/here/")
    assert missing.status_code == 404
    assert 'href="/admin/"' in missing.content.decode()


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_managers_and_admins_edit_and_history_points_to_them(browser: Browser, role: str) -> None:
    assert create(browser(role)).status_code == 302
    assert Characteristic.objects.get().name == "Speed"
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.user.get_username()) == (SUB, "anna")


def test_a_post_without_its_csrf_token_is_refused(browser: Browser) -> None:
    refused = create(browser("manager"), csrfmiddlewaretoken="")
    assert refused.status_code == 403
    assert "nothing was saved" in refused.content.decode()
    assert not Characteristic.objects.exists()


def test_the_same_person_with_a_new_name_keeps_one_row(
    browser: Browser, tokens: Issuer, settings: Any
) -> None:
    client = browser("viewer")
    client.get(LIST)
    client.cookies[settings.ACCESS_COOKIE] = tokens.make("manager", sub=SUB, username="anna.new")
    client.get(LIST)
    assert [(p.id, p.username, p.roles) for p in Principal.objects.all()] == [(SUB, "anna.new", ["manager"])]


def test_a_name_given_to_somebody_else_is_no_conflict(
    browser: Browser, tokens: Issuer, settings: Any
) -> None:
    browser("viewer").get(LIST)
    other = browser()
    other.cookies[settings.ACCESS_COOKIE] = tokens.make("viewer", username="anna")
    assert other.get(LIST).status_code == 200
    assert Principal.objects.filter(username="anna").count() == 2


def test_pages_are_kept_by_no_cache(browser: Browser) -> None:
    assert "no-store" in browser("viewer").get(LIST)["Cache-Control"]


def test_signing_out_needs_the_csrf_token_clears_the_cookies_and_asks_identity_to_revoke(
    browser: Browser, settings: Any
) -> None:
    asked: list[tuple[str, Any]] = []

    class Identity(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Identity)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    settings.ACCESS_TOKEN_URL = f"http://127.0.0.1:{server.server_address[1]}/api/v1/auth/token"
    client = browser("manager")
    client.cookies[settings.ACCESS_REFRESH_COOKIE] = "the-refresh-token"
    token = csrf(client, ADD)
    assert client.post(f"{ROOT}logout/").status_code == 403
    response = client.post(f"{ROOT}logout/", {"csrfmiddlewaretoken": token})
    thread.join(5)
    server.server_close()
    assert (response.status_code, response["Location"]) == (302, "/admin/login/")
    assert response.cookies[settings.ACCESS_COOKIE]["max-age"] == 0
    assert response.cookies[settings.ACCESS_REFRESH_COOKIE]["max-age"] == 0
    assert asked == [("/api/v1/auth/logout", {"refresh_token": "the-refresh-token"})]


def test_signing_out_works_while_identity_is_away(browser: Browser, settings: Any) -> None:
    settings.ACCESS_TOKEN_URL = "http://127.0.0.1:9/api/v1/auth/token"
    client = browser("manager")
    client.cookies[settings.ACCESS_REFRESH_COOKIE] = "the-refresh-token"
    response = client.post(f"{ROOT}logout/", {"csrfmiddlewaretoken": csrf(client, ADD)})
    assert response.cookies[settings.ACCESS_COOKIE].value == ""


def test_signing_out_ends_the_session_also_when_the_access_token_has_expired(
    browser: Browser, tokens: Issuer, settings: Any
) -> None:
    settings.ACCESS_TOKEN_URL = "http://127.0.0.1:9/api/v1/auth/token"
    client = browser("manager")
    token = csrf(client, ADD)
    client.cookies[settings.ACCESS_COOKIE] = tokens.make("manager", exp=1)
    assert client.post(f"{ROOT}logout/").status_code == 403
    response = client.post(f"{ROOT}logout/", {"csrfmiddlewaretoken": token})
    assert (response.status_code, response["Location"]) == (302, "/admin/login/")
    assert response.cookies[settings.ACCESS_REFRESH_COOKIE]["max-age"] == 0


def test_without_any_key_the_admin_says_that_identity_is_away(browser: Browser, settings: Any) -> None:
    client = browser("viewer")
    settings.ACCESS_JWKS_URL = "http://127.0.0.1:9/"
    keys.source.cache_clear()
    try:
        response = client.get(LIST)
        assert response.status_code == 503
        assert "The sign-in does not answer." in response.content.decode()
    finally:
        keys.source.cache_clear()
