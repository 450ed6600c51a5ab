"""Waking the relay: after commit, at most one NOTIFY per 20 ms and process, the first at once.

NOTIFY inside the transaction takes a database-wide lock at commit and costs more than half of the
commit rate; here a thread with its own autocommit connection sends it for all commits at once.
A lost wake-up costs the relay's poll interval, never an event.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from django.db import connection

from apps.core.sessions import watch

CHANNEL = "outbox"
INTERVAL_SECONDS = 0.02
log = structlog.get_logger(__name__)

_wanted = threading.Event()
_stopping = threading.Event()
_start = threading.Lock()
_thread: threading.Thread | None = None


def wake_relay() -> None:
    """Ask for a NOTIFY soon; returns at once."""
    global _thread
    if _thread is None or not _thread.is_alive():  # also the case after a fork
        with _start:
            if _thread is None or not _thread.is_alive():
                _wanted.clear()
                _stopping.clear()
                _thread = threading.Thread(
                    target=_run, args=(connection_parameters(),), name="outbox-wakeup", daemon=True
                )
                _thread.start()
    _wanted.set()


def stop() -> None:
    """End the thread and its connection; the next wish starts it anew."""
    if _thread is not None and _thread.is_alive():
        _stopping.set()
        _wanted.set()
        _thread.join(timeout=5)


def connection_parameters() -> dict[str, Any]:
    """How Django reaches this service's database, for a connection of our own that LISTENs or NOTIFYs."""
    parameters = connection.get_connection_params()
    return {name: value for name, value in parameters.items() if name not in _OF_DJANGO}


def connect(parameters: Mapping[str, Any]) -> psycopg.Connection:
    """A session of our own, which commits each statement. Raises ``psycopg.Error``."""
    session = psycopg.connect(**parameters, autocommit=True)
    watch(session)
    return session


# Django's adapters: they belong to its own connections.
_OF_DJANGO = {"context", "cursor_factory"}


def _run(parameters: dict[str, Any]) -> None:
    """Send one NOTIFY for all wishes since the last; a broken connection is opened anew at the next wish."""
    notifier: psycopg.Connection | None = None
    while True:
        _wanted.wait()
        _wanted.clear()
        if _stopping.is_set():
            break
        try:
            if notifier is None or notifier.closed:
                notifier = connect(parameters)
            notifier.execute(f"NOTIFY {CHANNEL}")
        except psycopg.Error as error:
            log.info("wake-up lost, the relay's poll finds it", reason=str(error).strip())
            notifier = None
        time.sleep(INTERVAL_SECONDS)
    if notifier is not None:
        notifier.close()
