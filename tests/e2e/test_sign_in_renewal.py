"""A sign-in outlives its five-minute token: the gateway renews it, and a browser's burst does not look like theft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from config.settings import access
from tests.e2e.test_admin import browser, form_token, sign_in  # noqa: F401  (a fixture)

PAGE, SIGN_OUT = "/admin/pricing/pricing/price/", "/admin/pricing/logout/"


def refresh_cookie(client: httpx.Client) -> str:
    return client.cookies[access.ACCESS_REFRESH_COOKIE]


def with_only(refresh: str, base: httpx.URL) -> httpx.Response:
    """The page, asked for with a refresh cookie alone: the access token has expired and is gone."""
    cookie = {"Cookie": f"{access.ACCESS_REFRESH_COOKIE}={refresh}"}
    return httpx.get(base.join(PAGE), headers=cookie, timeout=60)


def test_a_burst_with_an_expired_token_renews_once_and_the_session_lives_on(browser: httpx.Client) -> None:  # noqa: F811
    sign_in(browser, "manager")
    old = refresh_cookie(browser)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: with_only(old, browser.base_url), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    (new,) = {answer.cookies[access.ACCESS_REFRESH_COOKIE] for answer in answers}
    assert new != old
    again = with_only(new, browser.base_url)
    assert again.status_code == 200
    assert again.cookies[access.ACCESS_REFRESH_COOKIE] != new


def test_a_form_that_was_open_for_an_hour_is_saved(browser: httpx.Client, manager, unique) -> None:  # noqa: F811
    sign_in(browser, "manager")
    page = browser.get(f"{PAGE}add/")
    for cookie in browser.cookies.jar:
        if cookie.name == access.ACCESS_COOKIE:
            cookie.value = "expired"
    form = {"name": unique, "value": "9.90", "currency": "EUR", "unit": "per month"}
    sent = {**form, "csrfmiddlewaretoken": form_token(page)}
    saved = browser.post(f"{PAGE}add/", data=sent, headers={"Referer": str(page.url)})
    assert saved.status_code == 200, saved.text[:500]
    assert [found["name"] for found in manager.get("/api/v1/prices", params={"name": unique}).json()] == [
        unique
    ]


def test_after_signing_out_nothing_can_be_renewed(browser: httpx.Client) -> None:  # noqa: F811
    sign_in(browser, "manager")
    kept = refresh_cookie(browser)
    page = browser.get(PAGE)
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    browser.post(SIGN_OUT, data={"csrfmiddlewaretoken": token}, headers={"Referer": str(page.url)})
    assert with_only(kept, browser.base_url).headers["Location"].startswith("/admin/login/")
