from __future__ import annotations

import pytest
from django.db import connection
from structlog.testing import capture_logs

from apps.core.turns import turn

pytestmark = pytest.mark.django_db


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
