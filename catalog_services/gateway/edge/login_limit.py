"""Guessing passwords is slow: so many sign-in attempts per client address and no more."""

from __future__ import annotations

from time import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from apps.core.errors import TooManyRequests
from catalog_services.gateway.edge.asgi_types import Scope
from catalog_services.gateway.edge.client_address import Addresses

PATHS = frozenset({"/api/v1/auth/login", "/admin/login"})


class Limited(TooManyRequests):
    """``retry_after``: seconds until the next attempt counts as the first of a new window."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many sign-in attempts from your address. Wait before the next one.")
        self.retry_after = retry_after


class LoginLimit:
    """``rate`` as in the library ``limits``: ``30/minute``."""

    def __init__(self, rate: str, addresses: Addresses) -> None:
        self._addresses = addresses
        self._rate = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, scope: Scope) -> None:
        """Count a sign-in attempt, or raise ``Limited``; other requests pass."""
        if scope["method"] != "POST" or scope["path"].rstrip("/") not in PATHS:
            return
        address = self._addresses.client(scope)
        if not self._limiter.hit(self._rate, address):
            reset = self._limiter.get_window_stats(self._rate, address).reset_time
            raise Limited(max(1.0, reset - time()))
