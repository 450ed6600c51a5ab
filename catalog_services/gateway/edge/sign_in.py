"""Admin single sign-on at the door: an access cookie that is about to expire is renewed before the request goes on.

So no form is lost to a token that lived five minutes. One renewal per session at a time, and its
result serves for a while: a browser sends several requests with the old cookies before it has the
new ones, and a second renewal with the same refresh token would count as theft.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import aiohttp
import structlog
from django.conf import settings

from apps.access import cookies
from apps.access.verify import unverified_expiry
from apps.core import clock, correlation
from apps.observability.tracing import HttpSpan
from catalog_services.gateway.edge.asgi_types import Headers, Scope
from catalog_services.gateway.edge.upstream import Upstream

log = structlog.get_logger(__name__)
KEPT_SECONDS = 60.0
REFUSAL_KEPT_SECONDS = 5.0
SESSIONS = 10_000
TIMEOUT = aiohttp.ClientTimeout(total=5)
RENEWAL = "/api/v1/auth/refresh"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session's pair, as in its two cookies."""

    access: str
    refresh: str


@dataclass(slots=True)
class _Renewal:
    task: asyncio.Task[Tokens | None]
    until: float


class SignIn:
    """Reads, renews and hides the sign-in cookies."""

    def __init__(self, identity: Upstream) -> None:
        self._identity = identity.base_url
        self._renewals: OrderedDict[bytes, _Renewal] = OrderedDict()
        self._access = settings.ACCESS_COOKIE.encode()
        self._refresh = settings.ACCESS_REFRESH_COOKIE.encode()
        # A minute of the usual five; a fifth of whatever lifetime is set.
        self._margin = settings.ACCESS_TOKEN_LIFETIME / 5

    def without_cookies(self, scope: Scope) -> Headers:
        """The request's headers without the sign-in cookies: outside /admin and /ops they do not count."""
        return self._replaced(scope["headers"], None)

    async def renewed(self, client: aiohttp.ClientSession, scope: Scope) -> tuple[Headers, Headers]:
        """The request's headers with fresh cookies, and the Set-Cookie headers of its answer.

        Both as they are when nothing needs renewing, or when identity refuses or does not answer.
        """
        current = self._current(scope["headers"])
        if current is None or "/static/" in scope["path"] or not self._expiring(current):
            return scope["headers"], []
        tokens = await self._renew(client, current.refresh)
        if tokens is None:
            return scope["headers"], []
        values = cookies.header_values(cookies.pair(tokens.access, tokens.refresh))
        return self._replaced(scope["headers"], tokens), [(b"set-cookie", value.encode()) for value in values]

    def sets_own(self, answer: Headers) -> bool:
        """Whether a service's answer sets these cookies itself (a sign-in or sign-out): then its word counts."""
        return any(
            name == b"set-cookie" and value.partition(b"=")[0] in {self._access, self._refresh}
            for name, value in answer
        )

    def _current(self, headers: Headers) -> Tokens | None:
        found = dict(pair for name, value in headers if name == b"cookie" for pair in _pairs(value))
        refresh = found.get(self._refresh)
        if not refresh:
            return None
        return Tokens(found.get(self._access, b"").decode("latin-1"), refresh.decode("latin-1"))

    def _expiring(self, tokens: Tokens) -> bool:
        expiry = unverified_expiry(tokens.access) if tokens.access else None
        return expiry is None or expiry - clock.now() < max(self._margin, timedelta(seconds=1))

    async def _renew(self, client: aiohttp.ClientSession, refresh: str) -> Tokens | None:
        key = hashlib.sha256(refresh.encode("latin-1")).digest()
        renewal = self._renewals.get(key)
        if renewal is None or renewal.until < monotonic():
            task = asyncio.create_task(self._ask(client, refresh, key))
            renewal = self._renewals[key] = _Renewal(task, monotonic() + KEPT_SECONDS)
            self._renewals.move_to_end(key)
            while len(self._renewals) > SESSIONS:
                self._renewals.popitem(last=False)
        # Shielded: one client that leaves must not take the others' renewal with it.
        return await asyncio.shield(renewal.task)

    async def _ask(self, client: aiohttp.ClientSession, refresh: str, key: bytes) -> Tokens | None:
        tokens = None
        try:
            with HttpSpan.call("POST identity") as call:
                tokens = await self._exchanged(client, refresh, call)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("sign-in not renewed", reason=type(error).__name__)
        if tokens is None and key in self._renewals:
            self._renewals[key].until = monotonic() + REFUSAL_KEPT_SECONDS
        return tokens

    async def _exchanged(self, client: aiohttp.ClientSession, refresh: str, call: HttpSpan) -> Tokens | None:
        """None when it is refused. Raises what aiohttp does, and what an answer raises that is none of identity's."""
        own = [(correlation.HEADER, correlation.current()), ("Content-Type", "application/json")]
        async with client.post(
            f"{self._identity}{RENEWAL}",
            json={"refresh_token": refresh},
            headers=[*own, *call.passed_on],
            timeout=TIMEOUT,
        ) as answer:
            call.finish("POST", RENEWAL, answer.status)
            if answer.status == 200:
                body = await answer.json()
                return Tokens(str(body["access_token"]), str(body["refresh_token"]))
            if answer.status != 401:  # a refusal is identity's right; anything else is a fault
                log.warning("sign-in not renewed", status=answer.status)
            return None

    def _replaced(self, headers: Headers, tokens: Tokens | None) -> Headers:
        """Headers with the sign-in cookies exchanged for ``tokens``, or taken out; other cookies stay as they are."""
        if b"cookie" not in dict(headers):
            return headers
        kept = [
            pair
            for name, value in headers
            if name == b"cookie"
            for pair in _pairs(value)
            if pair[0] not in {self._access, self._refresh}
        ]
        if tokens is not None:
            kept += [(self._access, tokens.access.encode()), (self._refresh, tokens.refresh.encode())]
        others = [(name, value) for name, value in headers if name != b"cookie"]
        if kept:
            others.append((b"cookie", b"; ".join(b"%b=%b" % pair if pair[0] else pair[1] for pair in kept)))
        return others


def _pairs(header: bytes) -> list[tuple[bytes, bytes]]:
    """A Cookie header's pairs; a piece without a name keeps its place with an empty one."""
    found = []
    for piece in header.split(b";"):
        name, equals, value = piece.strip().partition(b"=")
        if equals:
            found.append((name.strip(), value.strip()))
        elif name:
            found.append((b"", name))
    return found
