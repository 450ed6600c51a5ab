"""The relay's life: wait for a NOTIFY or the poll, drain, wait again; outlive every part it needs."""

from __future__ import annotations

import threading

import psycopg
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from apps.outbox.relay.claim import Load, Relayed, Send, idle, relay_once
from apps.outbox.wakeup import CHANNEL, connect, connection_parameters

log = structlog.get_logger(__name__)
MAX_PAUSE_SECONDS = 1.0
FULLER_SECONDS = 0.05
"""What was left for a fuller message is looked at again after this: then its subscriber may have nothing to do."""


class Relay:
    """One service's relay; ``run`` returns after ``stop`` (from a signal or another thread)."""

    def __init__(self, send: Send, load: Load = idle) -> None:
        self._send, self._load = send, load
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
                relayed = self._drain()
                pause = 0.0
                if relayed.left:
                    self._stopping.wait(FULLER_SECONDS)
                else:
                    _wait(listener, settings.OUTBOX_POLL_SECONDS)
            except Exception as error:  # broker or database down: both come back
                pause = min(MAX_PAUSE_SECONDS, pause * 2 or 0.25)
                log.warning("relay waits", reason=f"{type(error).__name__}: {error}".strip(), seconds=pause)
                if isinstance(error, DatabaseError | psycopg.Error):
                    self._disconnect()
                self._stopping.wait(pause)
        self._disconnect()

    def _drain(self) -> Relayed:
        """Send until there is nothing more to be sent now."""
        while (relayed := relay_once(self._send, self._load)).seen and not self._stopping.is_set():
            pass
        return relayed

    def _listen(self) -> psycopg.Connection:
        """Subscribe before draining, so that no commit falls between the two."""
        if self._listener is None or self._listener.closed:
            self._listener = connect(connection_parameters())
            self._listener.execute(f"LISTEN {CHANNEL}")
        return self._listener

    def _disconnect(self) -> None:
        connection.close()
        if self._listener is not None:
            self._listener.close()
            self._listener = None


def _wait(listener: psycopg.Connection, seconds: float) -> None:
    """Return at the next NOTIFY, at the latest after ``seconds``."""
    for _ in listener.notifies(timeout=seconds, stop_after=1):
        return
