"""What a client reads, it may change and send back whole."""

from __future__ import annotations

from typing import Any

from apps.outbox.models import OutboxEvent

CANNOT = "It cannot be changed here: leave it out, or as it is now."


def comes_back_as_read(client: Any, url: str) -> None:
    """Sent back as it was read, a row stays at its version and nobody is told; what is only read cannot be changed."""
    read, told = client.get(url), OutboxEvent.objects.count()
    whole = read.json()
    for change in (client.put, client.patch):
        answer = change(url, whole)
        assert answer.status_code == 200, answer.json()
        assert (answer.json(), answer["ETag"]) == (whole, read["ETag"])
        for name, other in (("version", whole["version"] + 1), ("id", None), ("version", True)):
            refused = change(url, {**whole, name: other})
            assert (refused.status_code, refused.json()["errors"]) == (400, {name: [CANNOT]})
        late = change(url, {**whole, "version": 7}, HTTP_IF_MATCH='"7"')
        assert late.status_code == 412, late.json()
    assert OutboxEvent.objects.count() == told
