"""The server's half of a PostgreSQL session: a client that falls silent loses it, and with it its locks,
within half a minute.

The session is told so: in a URL's ``options`` most poolers refuse it. Over a Unix socket it is accepted and means
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.settings.database import SILENCE

if TYPE_CHECKING:
    import psycopg

_NAMES = {name if name.startswith("tcp_") else f"tcp_{name}": value for name, value in SILENCE.items()}


def watch(session: psycopg.Connection) -> None:
    """Have the server watch its client as the client watches it; what the URL's ``options`` name stays as they say."""
    told = {name: str(value) for name, value in _NAMES.items() if name not in session.info.options}
    if told:
        calls = ", ".join(["set_config(%s, %s, false)"] * len(told))
        session.execute(f"SELECT {calls}", [text for pair in told.items() for text in pair])


def watch_django(connection: Any, **_: Any) -> None:
    """For Django's ``connection_created``."""
    watch(connection.connection)
