"""The relay's life: wait for a NOTIFY or the poll, drain, wait again; outlive every part it needs."""

from __future__ import annotations

import threading

import psycopg
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from apps.outbox.relay.claim import Room, Send, boundless, relay_once
from apps.outbox.wakeup import CHANNEL, connection_parameters

log = structlog.get_logger(__name__)
MAX_PAUSE_SECONDS = 1.0


class Relay:
    """One service's relay; ``run`` returns after ``stop`` (from a signal or another thread)."""

    def __init__(self, send: Send, room: Room = boundless) -> None:
        self._send, self._room = send, room
        self._stopping = threading.Event()
        self._listener: psycopg.Connection | None = None

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Relay until stopped. A part that is down is waited for, with growing pauses of at most 1 s."""
        pause = 0.0
        while not self._stopping.is_set():
            try:
                listener = self._listen()
                while not self._stopping.is_set() and relay_once(self._send, self._room):
                    pass
                pause = 0.0
                _wait(listener)
            except Exception as error:  # broker or database down: both come back
                pause = min(MAX_PAUSE_SECONDS, pause * 2 or 0.25)
                log.warning("relay waits", reason=f"{type(error).__name__}: {error}".strip(), seconds=pause)
                if isinstance(error, DatabaseError | psycopg.Error):
                    self._disconnect()
                self._stopping.wait(pause)
        self._disconnect()

    def _listen(self) -> psycopg.Connection:
        """Subscribe before draining, so that no commit falls between the two."""
        if self._listener is None or self._listener.closed:
            self._listener = psycopg.connect(**connection_parameters(), autocommit=True)
            self._listener.execute(f"LISTEN {CHANNEL}")
        return self._listener

    def _disconnect(self) -> None:
        connection.close()
        if self._listener is not None:
            self._listener.close()
            self._listener = None


def _wait(listener: psycopg.Connection) -> None:
    """Return at the next NOTIFY, at the latest after the poll interval."""
    for _ in listener.notifies(timeout=settings.OUTBOX_POLL_SECONDS, stop_after=1):
        return
