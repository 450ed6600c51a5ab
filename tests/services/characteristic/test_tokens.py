from __future__ import annotations

import pytest

from apps.observability import middleware
from tests.support.hostile_tokens import HostileTokens


@pytest.mark.django_db
class TestHostileTokens(HostileTokens):
    path = "/api/v1/characteristics"


@pytest.mark.django_db
def test_the_access_line_names_who_asked_and_nobody_else(client, tokens, caplog):
    """Each request of a thread its own: the second has a token that is not ours, the third none."""
    middleware._LINES.flush()  # of the tests before
    caplog.clear()
    caplog.set_level("INFO", "access")
    good = f"Bearer {tokens.make('viewer', username='anna')}"
    for headers in ({"Authorization": good}, {"Authorization": f"{good}x"}, {}):
        client.get("/api/v1/characteristics", headers=headers)
    middleware._LINES.flush()
    lines = [fields for record in caplog.records if record.name == "access" for _, fields in record.msg]
    assert [(line["http.response.status_code"], line.get("actor")) for line in lines] == [
        (200, "anna"),
        (401, None),
        (401, None),
    ]
