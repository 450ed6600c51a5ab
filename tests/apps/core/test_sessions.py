"""Who falls silent is given up within half a minute: a server by its clients, a client with his locks by the server."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from apps.outbox import wakeup

pytestmark = pytest.mark.django_db(transaction=True)

_SERVERS_HALF = "SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp%'"
WATCHED = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


def of_client(parameters: dict[str, Any]) -> dict[str, Any]:
    names = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
    return {name: parameters.get(name) for name in names}


def test_both_ends_of_django_s_connection_watch_each_other():
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(_SERVERS_HALF)
        assert dict(cursor.fetchall()) == WATCHED
    assert list(of_client(connection.get_connection_params()).values()) == [10, 5, 3, 20_000]


def test_so_do_both_ends_of_one_that_listens_or_notifies():
    parameters = wakeup.connection_parameters()
    assert list(of_client(parameters).values()) == [10, 5, 3, 20_000]
    with wakeup.connect(parameters) as session:
        assert dict(session.execute(_SERVERS_HALF).fetchall()) == WATCHED


def test_what_a_url_says_to_the_server_stays():
    parameters = wakeup.connection_parameters() | {"options": "-c tcp_keepalives_idle=60"}
    with wakeup.connect(parameters) as session:
        assert dict(session.execute(_SERVERS_HALF).fetchall()) == {**WATCHED, "tcp_keepalives_idle": "60"}
