"""The suite's own calls between services: short-lived client-credential tokens (RFC 6749, 4.4)."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import httpx
import structlog
from django.conf import settings

from apps.core import http
from apps.core.errors import Unavailable
from apps.core.messages import Message

log = structlog.get_logger(__name__)

RENEW_BEFORE_SECONDS = 30.0
RETRY_SECONDS = 1.0
TIMEOUT_SECONDS = 3.0


class _ServiceToken:
    """One token for the process, fetched by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = self._next_try_at = float("-inf")

    def current(self) -> str:
        if time.monotonic() < self._good_until:
            return self._token
        with self._lock:
            now = time.monotonic()
            if now < self._good_until:
                return self._token
            if now < self._next_try_at:
                raise Unavailable(Message("The identity service does not answer."))
            # Callers queue here: after a failure the next ones are told so without a wait of their own.
            try:
                self._token, lifetime = _fetch()
            finally:
                self._next_try_at = time.monotonic() + RETRY_SECONDS
            self._good_until = now + max(lifetime - RENEW_BEFORE_SECONDS, lifetime / 2)
            return self._token

    def forget(self) -> None:
        self._good_until = self._next_try_at = float("-inf")


_service_token = _ServiceToken()


def bearer_for_service() -> str:
    """A current access token of this service, for an ``Authorization: Bearer`` header.

    Fetched from identity as client ``settings.SERVICE_NAME`` and kept until shortly before it expires.
    Raises ``Unavailable`` when identity does not answer or does not know this service.
    """
    return _service_token.current()


def forget() -> None:
    """Ask identity anew next time: after a 401 for the token, or in tests."""
    _service_token.forget()


class ServiceAuth(httpx.Auth):
    """Asks as this service. A token that is refused (its key was dropped) is replaced, and the request sent once more.

    Raises what ``bearer_for_service`` does.
    """

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = bearer_for_service()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            if bearer_for_service() == token:  # else another thread was here first
                forget()
            request.headers["Authorization"] = f"Bearer {bearer_for_service()}"
            yield request


def _fetch() -> tuple[str, float]:
    """A new token and the seconds it lives."""
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.SERVICE_NAME,
        "client_secret": settings.ACCESS_CLIENT_SECRET,
    }
    try:
        with http.client(timeout=TIMEOUT_SECONDS) as client:
            response = client.post(settings.ACCESS_TOKEN_URL, data=form)
        if response.status_code in {httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED}:
            log.error("service_credentials_refused", status=response.status_code)
            raise Unavailable(Message("The identity service refuses this service's credentials."))
        response.raise_for_status()
        body = response.json()
        return str(body["access_token"]), float(body["expires_in"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(Message("The identity service does not answer.")) from error
