from __future__ import annotations

import pytest
from django.db import connection
from structlog.testing import capture_logs

from apps.core.turns import turn

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [True, False])
def test_what_ended_a_turn_is_told_and_no_error_of_the_unlocking(broken):
    with pytest.raises(ValueError, match="the job's own"), turn("broken"):
        if broken:
            connection.connection.close()
        raise ValueError("the job's own")
    if broken:
        connection.close()
    with turn("broken") as mine:
        assert mine
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_a_turn_whose_lock_went_meanwhile_is_complained_of():
    """As behind a pooler that gives each statement another session: there nobody would have the turn again."""
    with capture_logs() as said:
        with turn("kept"):
            pass
        assert said == []
        with turn("lost") as mine, connection.cursor() as cursor:
            assert mine
            cursor.execute("SELECT pg_advisory_unlock_all()")
    assert [(one["log_level"], one["turn"]) for one in said] == [("error", "lost")]
