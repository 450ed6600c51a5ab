"""The whole suite, as a user meets it: through the gateway, with a login. ``manage.py test`` has it running."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from apps.core.ids import uuid7
from config import env
from tests.support.chromium import NoBrowser, chromium, go_without
from tests.support.waiting import eventually

BASE = f"http://127.0.0.1:{env.service_port('gateway')}"
ADMIN = f"{BASE}/admin"
OF_EACH_SERVICE = (
    "/api/v1/users",
    "/api/v1/characteristics",
    "/api/v1/specifications",
    "/api/v1/prices",
    "/api/v1/offerings",
    "/api/v1/store/offerings",
)
"""A list of each service behind the gateway, for an admin."""
PAGE_MS = 60_000
"""How long a page is given on a slow machine, for what it is to show and for what can be done on it: some of it is what
a worker has done by then, as a step of a publication."""
expect.set_options(timeout=PAGE_MS)


def fetched(url: str, **more: Any) -> httpx.Response:
    """GET by nobody in particular, and for a minute: a console takes its time for its first page."""
    return httpx.get(url, timeout=60, **more)


def created(response: httpx.Response) -> dict[str, Any]:
    """The representation of what was made."""
    assert response.status_code == 201, response.text
    return response.json()


class Api(httpx.Client):
    """The gateway with somebody's bearer token."""

    def made(self, collection: str, **fields: Any) -> dict[str, Any]:
        """A new row. With 503 nothing was made: who has what it refers to is asked for three seconds, no longer."""

        def answer() -> httpx.Response | None:
            given = self.post(f"/api/v1/{collection}", json=fields)
            return given if given.status_code != HTTPStatus.SERVICE_UNAVAILABLE else None

        return created(eventually(answer, why=f"nobody makes any {collection}"))

    def complete_draft(self, unique: str) -> dict[str, Any]:
        """An offering with a speed of 1000 Mbps for 39.90 EUR, all its parts made, too, and named after ``unique``."""
        speed = self.made("characteristics", name=f"Speed {unique}", value="1000", unit_of_measure="Mbps")
        line = self.made("specifications", name=f"Line {unique}", characteristic_ids=[speed["id"]])
        fee = self.made(
            "prices",
            name=f"Fee {unique}",
            value="39.90",
            currency="EUR",
            unit="per month",
            price_type="recurring",
            recurring_period="month",
            recurring_period_length=1,
        )
        return self.made(
            "offerings",
            name=f"Fibre {unique}",
            specification_ids=[line["id"]],
            pricing_ids=[fee["id"]],
            sales_channels=["web"],
        )

    def publication(self, offering_id: str) -> dict[str, Any]:
        """The offering's newest publication."""
        return self.get(f"/api/v1/offerings/{offering_id}/publications").json()[0]

    def settled(self, offering_id: str, *, seconds: float = 90.0) -> dict[str, Any]:
        """The offering, once no publication of it runs."""

        def ended() -> dict[str, Any] | None:
            offering = self.get(f"/api/v1/offerings/{offering_id}").json()
            return offering if offering["lifecycle_status"] != "PUBLISHING" else None

        return eventually(ended, seconds=seconds, why="the publication has not ended")


class Member(Api):
    """Somebody who signs in again before the token ends: a session of tests on a slow machine takes longer."""

    RENEW_AFTER_SECONDS = 120.0

    def __init__(self, username: str) -> None:
        super().__init__(base_url=BASE, timeout=60)
        self._username = username
        self._sign_in()

    def _sign_in(self) -> None:
        password = env.secret(f"{self._username.upper()}_PASSWORD")
        tokens = httpx.post(
            f"{BASE}/api/v1/auth/login", data={"username": self._username, "password": password}, timeout=60
        )
        assert tokens.status_code == 200, tokens.text
        self.headers["Authorization"] = f"Bearer {tokens.json()['access_token']}"
        self._signed_in = time.monotonic()

    def _renew(self) -> None:
        if time.monotonic() - self._signed_in > self.RENEW_AFTER_SECONDS:
            self._sign_in()

    @property
    def token(self) -> str:
        self._renew()
        return str(self.headers["Authorization"].removeprefix("Bearer "))

    def request(self, *args: Any, **kwargs: Any) -> httpx.Response:
        self._renew()
        return super().request(*args, **kwargs)


def sign_in(username: str) -> Member:
    return Member(username)


@pytest.fixture(scope="session")
def manager() -> Iterator[Member]:
    with sign_in("manager") as api:
        yield api


@pytest.fixture(scope="session")
def admin() -> Iterator[Member]:
    with sign_in("admin") as api:
        yield api


@pytest.fixture(scope="session")
def visitor() -> Iterator[Api]:
    """Nobody in particular: what a customer sees."""
    with Api(base_url=BASE, timeout=60) as api:
        yield api


@pytest.fixture
def unique() -> str:
    """A word no other test uses, for names that can be searched for."""
    return "q" + uuid7().hex[-12:]


@pytest.fixture
def draft(manager: Api, unique: str) -> dict[str, Any]:
    return manager.complete_draft(unique)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    try:
        with chromium() as browser:
            yield browser
    except NoBrowser as error:
        go_without(error)


@pytest.fixture
def open_page(chrome: Browser) -> Iterator[Callable[..., Page]]:
    """``open_page("manager", width=360, color_scheme="dark")`` -> a page that is signed in; what its scripts throw
    fails the test."""
    contexts: list[BrowserContext] = []
    thrown: list[str] = []

    def opened(role: str, *, width: int = 1440, **options: Any) -> Page:
        context = chrome.new_context(viewport={"width": width, "height": 900}, base_url=BASE, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PAGE_MS)
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(f"{ADMIN}/")
        page.locator('[name="username"]').fill(role)
        page.locator('[name="password"]').fill(env.secret(f"{role.upper()}_PASSWORD"))
        page.locator('[name="password"]').press("Enter")
        expect(page).to_have_url(f"{ADMIN}/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert thrown == []
