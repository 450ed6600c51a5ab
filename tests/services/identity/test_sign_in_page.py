"""The one sign-in at /admin/login/ and what its cookies are worth."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as conf
from django.http import HttpResponse
from django.test import Client

from apps.access.verify import verify
from apps.core import clock
from apps.core.errors import Unauthenticated
from catalog_services.identity.actions.refresh import refresh
from catalog_services.identity.actions.sign_in import begin_family
from catalog_services.identity.models import SigningKey, User
from tests.services.identity.factories import PASSWORD, UserFactory

PAGE = "/admin/login/"
USER_FORM = {"username": "anna", "email": "", "roles": ["viewer"], "password": "a good long phrase"}


@pytest.fixture
def browser(keys: list[SigningKey]) -> Client:
    """A browser: it keeps cookies, and CSRF is checked."""
    return Client(enforce_csrf_checks=True)


def csrf(browser: Client, page: str = PAGE) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(page).content.decode())
    assert found, "the page has no CSRF token"
    return found.group(1)


def sign_in(browser: Client, user: User, *, after: str = "", password: str = PASSWORD) -> Any:
    form = {
        "username": user.username,
        "password": password,
        "csrfmiddlewaretoken": csrf(browser),
        "next": after,
    }
    return browser.post(PAGE, form)


def test_who_is_not_signed_in_is_sent_to_the_page_and_comes_back(browser: Client) -> None:
    wanted = "/admin/identity/user/?q=a%20b"
    sent = browser.get(wanted)
    assert sent.status_code == 302
    assert sent["Location"] == f"{PAGE}?next={quote(wanted, safe='')}"
    back = sign_in(browser, UserFactory(roles=["admin"]), after=wanted)
    assert (back.status_code, back["Location"]) == (302, wanted)
    assert browser.get(wanted).status_code == 200


def test_the_page_is_read_in_another_language_and_the_way_back_is_kept(browser: Client) -> None:
    way = f"{PAGE}?next={quote('/admin/pricing/pricing/price/', safe='')}"
    form = {"csrfmiddlewaretoken": csrf(browser, way), "language": "de", "next": way}
    chosen = browser.post("/admin/language/", form)
    assert (chosen.status_code, chosen["Location"]) == (302, way)
    page = browser.get(way).content.decode()
    assert 'lang="de"' in page
    assert "Benutzername" in page
    assert f'name="next" type="hidden" value="{way}"' in page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_choosing_a_language_leads_nowhere_else(browser: Client, elsewhere: str) -> None:
    form = {"csrfmiddlewaretoken": csrf(browser), "language": "de", "next": elsewhere}
    assert browser.post("/admin/language/", form)["Location"] == "/"
    assert browser.post("/admin/language/", {"language": "de"}).status_code == 403


def test_both_cookies_are_http_only_and_same_site(browser: Client) -> None:
    response = sign_in(browser, UserFactory(roles=["admin"]))
    for name in (conf.ACCESS_COOKIE, conf.ACCESS_REFRESH_COOKIE):
        cookie = response.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert not cookie["secure"]


def test_cookies_are_secure_where_the_suite_is_served_over_https(browser: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    response = sign_in(browser, UserFactory(roles=["admin"]))
    assert response.cookies[conf.ACCESS_COOKIE]["secure"]
    assert response.cookies[conf.ACCESS_REFRESH_COOKIE]["secure"]


def test_a_wrong_password_shows_the_form_again_with_the_reason_and_no_cookie(browser: Client) -> None:
    response = sign_in(browser, UserFactory(), password="wrong")
    assert response.status_code == 401
    assert b"The username or the password is wrong." in response.content
    assert conf.ACCESS_COOKIE not in response.cookies


def test_the_form_needs_its_csrf_token(browser: Client) -> None:
    response = browser.post(PAGE, {"username": UserFactory().username, "password": PASSWORD})
    assert response.status_code == 403
    assert conf.ACCESS_COOKIE not in response.cookies


def test_guessing_at_the_page_is_stopped_too(browser: Client, settings: Any) -> None:
    settings.IDENTITY_FAILURES_PER_NAME = 2
    user = UserFactory()
    for _ in range(2):
        sign_in(browser, user, password="wrong")
    assert sign_in(browser, user).status_code == 429


def test_a_user_without_a_role_is_told_so(browser: Client) -> None:
    response = sign_in(browser, UserFactory(roles=[]))
    assert response.status_code == 401
    assert b"no role yet" in response.content


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/admin/",
        "//evil.example/admin/",
        "/admin/\\evil",
        "/\\evil.example",
        "javascript:alert(1)",
        "/api/v1/users",
        "/admin/login/?next=/admin/login/",
        "",
    ],
)
def test_the_way_back_never_leaves_the_admin(browser: Client, wanted: str) -> None:
    response = sign_in(browser, UserFactory(roles=["admin"]), after=wanted)
    assert response["Location"] in {"/admin/", "/admin/%5Cevil"}


def test_an_expired_access_cookie_is_renewed_at_the_page_without_asking(browser: Client) -> None:
    with clock.pinned(clock.now() - timedelta(minutes=10)):
        pair = begin_family(UserFactory(roles=["admin"]))
    browser.cookies[conf.ACCESS_COOKIE] = pair.access_token
    browser.cookies[conf.ACCESS_REFRESH_COOKIE] = pair.refresh_token
    response = browser.get("/admin/identity/user/", follow=True)
    assert [url for url, _ in response.redirect_chain] == [
        "/admin/login/?next=%2Fadmin%2Fidentity%2Fuser%2F",
        "/admin/identity/user/",
    ]
    assert response.status_code == 200


@pytest.mark.parametrize("cookie", ["garbage", "", "refresh as access", "service"])
def test_a_cookie_that_does_not_verify_is_no_sign_in(browser: Client, tokens: Any, cookie: str) -> None:
    pair = begin_family(UserFactory(roles=["admin"]))
    made = {"refresh as access": pair.refresh_token, "service": tokens.make("service")}
    browser.cookies[conf.ACCESS_COOKIE] = made.get(cookie, cookie)
    assert browser.get("/admin/")["Location"].startswith(PAGE)


def test_the_front_page_leads_to_every_services_screens(browser: Client) -> None:
    sign_in(browser, UserFactory(roles=["viewer"]))
    page = browser.get("/admin/").content.decode()
    for service in ("characteristic", "specification", "pricing", "offering"):
        assert f'href="/admin/{service}/{service}/' in page
    assert "signingkey" not in page


@pytest.mark.parametrize("path", ["/admin/identity/user/", "/admin/identity/signingkey/"])
@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_users_and_keys_are_for_admins_only(browser: Client, role: str, path: str) -> None:
    sign_in(browser, UserFactory(roles=[role]))
    assert browser.get(path).status_code == 403


def test_an_admin_makes_and_changes_users_through_the_actions(browser: Client) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    add = "/admin/identity/user/add/"
    weak = browser.post(
        add, {**USER_FORM, "password": "1234567890", "csrfmiddlewaretoken": csrf(browser, add)}
    )
    assert b"too common" in weak.content
    made = browser.post(add, {**USER_FORM, "is_active": "on", "csrfmiddlewaretoken": csrf(browser, add)})
    assert made.status_code == 302
    anna = User.objects.get(username="anna")
    assert (anna.roles, anna.check_password("a good long phrase")) == (["viewer"], True)
    change = f"/admin/identity/user/{anna.pk}/change/"
    form = {**USER_FORM, "password": "", "is_active": "on", "roles": ["manager"], "version_seen": "1"}
    assert browser.post(change, {**form, "csrfmiddlewaretoken": csrf(browser, change)}).status_code == 302
    anna.refresh_from_db()
    assert (anna.roles, anna.version, anna.check_password("a good long phrase")) == (["manager"], 2, True)
    stale = browser.post(change, {**form, "roles": ["admin"], "csrfmiddlewaretoken": csrf(browser, change)})
    assert stale.status_code == 200
    anna.refresh_from_db()
    assert anna.roles == ["manager"]


def test_who_makes_a_user_is_told_beforehand_what_the_name_may_be_and_that_a_password_is_needed(
    browser: Client,
) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    add, keeps = "/admin/identity/user/add/", "Leave empty to keep the present one."
    shown = browser.get(add)
    form = shown.context["adminform"].form
    assert form.fields["password"].required
    assert keeps not in shown.content.decode()
    assert form.fields["username"].help_text.startswith("Letters A-Z, digits and")
    given = {**USER_FORM, "username": "Müller", "csrfmiddlewaretoken": csrf(browser, add)}
    refused = browser.post(add, given, headers={"Accept-Language": "de"})
    assert refused.context["adminform"].form.errors["username"] == [
        "Buchstaben A-Z, Ziffern und . _ @ + -, mit einem Buchstaben oder einer Ziffer am Anfang; "
        "höchstens 150 Zeichen."
    ]
    change = browser.get(f"/admin/identity/user/{UserFactory().pk}/change/")
    assert not change.context["adminform"].form.fields["password"].required
    assert keeps in change.content.decode()


def test_the_last_admin_cannot_be_deleted_on_the_page(browser: Client) -> None:
    admin = UserFactory(roles=["admin"])
    sign_in(browser, admin)
    delete = f"/admin/identity/user/{admin.pk}/delete/"
    response = browser.post(
        delete, {"post": "yes", "csrfmiddlewaretoken": csrf(browser, delete)}, follow=True
    )
    assert b"last active admin" in response.content
    assert User.objects.filter(pk=admin.pk).exists()


def test_keys_are_shown_without_their_private_half_and_cannot_be_changed(
    browser: Client, keys: list[SigningKey]
) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    page = browser.get(f"/admin/identity/signingkey/{keys[0].kid}/change/")
    assert page.status_code == 200
    assert b"BEGIN PUBLIC KEY" in page.content
    assert b"PRIVATE" not in page.content
    assert browser.get("/admin/identity/signingkey/add/").status_code == 403


def test_signing_out_clears_the_cookies_and_ends_the_session(browser: Client) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    refresh_token = browser.cookies[conf.ACCESS_REFRESH_COOKIE].value
    token = csrf(browser, "/admin/identity/user/add/")
    assert browser.post("/admin/logout/").status_code == 403
    response: HttpResponse = browser.post("/admin/logout/", {"csrfmiddlewaretoken": token})
    assert (response.status_code, response["Location"]) == (302, PAGE)
    for name in (conf.ACCESS_COOKIE, conf.ACCESS_REFRESH_COOKIE):
        assert (response.cookies[name].value, response.cookies[name]["max-age"]) == ("", 0)
    with pytest.raises(Unauthenticated):
        refresh(token=refresh_token)
    assert browser.get("/admin/")["Location"].startswith(PAGE)


def test_the_cookie_counts_nowhere_but_under_the_admin(browser: Client) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    assert verify(browser.cookies[conf.ACCESS_COOKIE].value).actor.is_admin
    assert browser.get("/api/v1/users").status_code == 401


def test_pages_of_the_admin_are_kept_by_no_cache(browser: Client) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    assert "no-store" in browser.get("/admin/")["Cache-Control"]


def test_a_password_that_was_typed_for_a_user_who_is_gone_is_not_shown(browser: Client) -> None:
    sign_in(browser, UserFactory(roles=["admin"]))
    gone = UserFactory()
    url = f"/admin/identity/user/{gone.pk}/change/"
    form = {**USER_FORM, "csrfmiddlewaretoken": csrf(browser, url)}
    gone.delete()
    answer = browser.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert '<input type="hidden" name="username" value="anna">' in page
    assert str(USER_FORM["password"]) not in page
