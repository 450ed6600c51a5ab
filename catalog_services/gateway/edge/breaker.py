"""A circuit breaker: a service that does not answer is left alone for a while, so that nobody queues for it.

Own code after looking: purgatory (the maintained asyncio one) lets every waiting request through at
once when half open, works on the wall clock and builds objects per call; aiobreaker is abandoned;
pybreaker and circuitbreaker guard calls, not streams.
"""

from __future__ import annotations

from time import monotonic

from apps.core.errors import Unavailable


class Open(Unavailable):
    """The breaker is open; ``retry_after`` says for how many seconds more."""

    def __init__(self, detail: str, *, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Breaker:
    """Closed until ``failures`` in a row; then open for ``seconds``; then one request decides.

    Every admitted request ends with exactly one of ``succeeded``, ``failed`` and ``abandoned``.
    """

    def __init__(self, name: str, *, failures: int, seconds: float) -> None:
        self._name, self._limit, self._seconds = name, failures, seconds
        self._failures = 0
        self._open_until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._failures >= self._limit

    def admit(self) -> None:
        """Let a request through, or raise ``Open``."""
        if not self.is_open:
            return
        remaining = self._open_until - monotonic()
        if remaining > 0 or self._probing:
            raise Open(f"The {self._name} service does not answer.", retry_after=max(remaining, 1.0))
        self._probing = True

    def succeeded(self) -> None:
        self._failures = 0
        self._probing = False

    def failed(self) -> None:
        self._failures += 1
        self._probing = False
        if self.is_open:
            self._open_until = monotonic() + self._seconds

    def abandoned(self) -> None:
        """The client left before the service answered: that says nothing about the service."""
        self._probing = False
