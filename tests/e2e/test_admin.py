"""The admin as a browser meets it: one sign-in at the gateway, every service's screens behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from config import env
from config.services import SERVICES, WRITE_SERVICES
from tests.support.admin import rows

SCREENS = [
    f"{SERVICES[name].admin_path}{screen.path}/"
    for name in WRITE_SERVICES
    for screen in SERVICES[name].screens
]


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{env.service_port('gateway')}"
    with httpx.Client(base_url=base, follow_redirects=True, timeout=20) as client:
        yield client


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found.group(1)


def sign_in(browser: httpx.Client, username: str) -> httpx.Response:
    page = browser.get("/admin/login/")
    return browser.post(
        "/admin/login/",
        data={
            "username": username,
            "password": env.secret(f"{username.upper()}_PASSWORD"),
            "csrfmiddlewaretoken": form_token(page),
            "next": "/admin/",
        },
        headers={"Referer": str(page.url)},
    )


def test_one_sign_in_opens_every_service_and_one_sign_out_closes_them(browser):
    assert "/admin/login/" in str(browser.get("/admin/pricing/").url)
    assert sign_in(browser, "manager").status_code == 200
    for path in SCREENS:
        page = browser.get(path)
        assert page.status_code == 200, path
        assert str(page.url).endswith(path), path
    page = browser.get(SCREENS[0])
    browser.post(
        f"/admin/{WRITE_SERVICES[0]}/logout/",
        data={"csrfmiddlewaretoken": form_token(page)},
        headers={"Referer": str(page.url)},
    )
    for path in SCREENS:
        assert "/admin/login/" in str(browser.get(path).url), path


def test_looking_at_operations_leaves_the_forms_of_other_pages_good(browser):
    """Whose sign-out was refused after that: the token of one part of identity's pages was unknown to the other."""
    page = sign_in(browser, "admin")
    assert browser.get("/ops/").status_code == 200
    left = browser.post(
        "/admin/logout/",
        data={"csrfmiddlewaretoken": form_token(page)},
        headers={"Referer": str(page.url)},
        follow_redirects=False,
    )
    assert (left.status_code, left.headers["Location"]) == (302, "/admin/login/")


def test_a_form_saved_in_the_browser_arrives_in_the_api(browser, manager, unique):
    sign_in(browser, "manager")
    url = "/admin/characteristic/characteristic/characteristic/add/"
    page = browser.get(url)
    saved = browser.post(
        url,
        data={
            "name": unique,
            "value_type": "number",
            "unit_of_measure": "Mbps",
            **rows("values", [{"value": "50", "is_default": True}]),
            "csrfmiddlewaretoken": form_token(page),
        },
        headers={"Referer": str(page.url)},
    )
    assert saved.status_code == 200, saved.text[:500]
    (found,) = manager.get("/api/v1/characteristics", params={"name": unique}).json()
    assert found["value"] == "50"


def test_the_cookies_open_the_admin_and_nothing_else(browser):
    sign_in(browser, "manager")
    assert browser.get("/api/v1/prices").status_code == 401


def test_a_form_without_its_csrf_token_is_refused(browser):
    sign_in(browser, "manager")
    response = browser.post("/admin/characteristic/characteristic/characteristic/add/", data={"name": "x"})
    assert response.status_code == 403


def test_the_stylesheets_of_every_admin_come_through(browser):
    sign_in(browser, "viewer")
    for path in ("/admin/", *SCREENS):
        page = browser.get(path)
        needed = re.findall(r'<(?:link|script)[^>]* (?:href|src)="(/[^"]+)"', page.text)
        assert len(needed) > 5, path
        for href in needed:
            assert browser.get(href).status_code == 200, (path, href)
