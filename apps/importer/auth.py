"""Bearer tokens for the public API: signed in once, refreshed before and whenever they expire."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Generator

import httpx

from apps.core import http
from apps.importer.problem import Problem, Unreachable

LOGIN, REFRESH = "/api/v1/auth/login", "/api/v1/auth/refresh"
# A token this close to its end is renewed first, so that it does not expire on its way.
MARGIN_SECONDS = 20.0


class SignInRefused(Exception):
    """The suite does not accept the user name and password."""


class BearerAuth(httpx.Auth):
    """Adds the access token to every request; used by several threads, renewed by one.

    A sign-in that was refused is refused from then on without being tried again: it would be tried for every item.
    """

    def __init__(self, url: str, username: str, password: str, *, tls: ssl.SSLContext) -> None:
        self._http = http.client(trust_env=http.is_far(url), base_url=url, timeout=30.0, verify=tls)
        self._form = {"username": username, "password": password}
        self._lock = threading.Lock()
        self._access = ""
        self._refresh = ""
        self._renew_at = 0.0
        self._refused = ""

    def sign_in(self) -> None:
        """Raises ``SignInRefused`` for wrong credentials, ``Unreachable`` when the suite does not answer."""
        with self._lock:
            self._take(self._post(LOGIN, data=self._form))

    def close(self) -> None:
        self._http.close()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = self._current()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            request.headers["Authorization"] = f"Bearer {self._current(stale=token)}"
            yield request

    def _current(self, stale: str | None = None) -> str:
        """A token to use; never ``stale``, the one that was just refused."""
        with self._lock:
            if self._refused:
                raise SignInRefused(self._refused)
            if self._access == stale or time.monotonic() >= self._renew_at:
                self._renew()
            return self._access

    def _renew(self) -> None:
        if self._refresh:
            try:
                return self._take(self._post(REFRESH, json={"refresh_token": self._refresh}))
            except SignInRefused:
                # The refresh token's family ended (an idle hour, a log-out): sign in again.
                pass
        try:
            self._take(self._post(LOGIN, data=self._form))
        except SignInRefused as error:
            self._refused = f"The sign-in is refused: {error}"
            raise SignInRefused(self._refused) from None
        return None

    def _post(self, path: str, *, data: dict[str, str] | None = None, json: object = None) -> httpx.Response:
        try:
            response = self._http.post(path, data=data, json=json)
        except httpx.RequestError as error:
            raise Unreachable(f"{self._http.base_url} does not answer: {error}") from error
        if response.status_code in {400, 401, 403}:
            raise SignInRefused(Problem.of(response).message)
        if not response.is_success:
            raise Unreachable(Problem.of(response).message)
        return response

    def _take(self, response: httpx.Response) -> None:
        try:
            answer = response.json()
            self._access, lifetime = str(answer["access_token"]), float(answer["expires_in"])
        except (ValueError, KeyError, TypeError):
            raise Unreachable(f"{self._http.base_url} does not answer a sign-in as the suite does.") from None
        self._refresh = str(answer.get("refresh_token") or "")
        self._renew_at = time.monotonic() + max(lifetime - MARGIN_SECONDS, lifetime / 2)
