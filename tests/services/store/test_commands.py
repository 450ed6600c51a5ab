"""What a person reads when a command of the store meets a part that is away."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError
from pymongo.errors import OperationFailure

from apps.core.errors import Conflict, Unavailable
from catalog_services.store.management.commands import verify
from catalog_services.store.management.faults import FAULTS, told
from tests.services.store.conftest import DEAD_MONGODB, Store, elasticsearch_down

DOCTOR = "`manage.py doctor` says what is wrong."


def failing(*command: str) -> str:
    with pytest.raises(CommandError) as raised:
        call_command(*command)
    return str(raised.value)


@pytest.mark.parametrize("command", [["rebuild"], ["verify"], ["forget", "--yes"], ["forget", "--dry-run"]])
def test_a_mongodb_that_is_away_is_named(store: Store, command: list[str]) -> None:
    with override_settings(STORE_MONGODB_URL=DEAD_MONGODB):
        text = failing(*command)
    assert text.startswith("MongoDB does not answer: 127.0.0.1:1")
    assert DOCTOR in text
    assert "Topology" not in text


@pytest.mark.parametrize("command", ["rebuild", "verify"])
def test_an_elasticsearch_that_is_away_is_named(
    store: Store, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "digest_pages", lambda _service, _kind: [])
    assert store.generation
    with elasticsearch_down():
        text = failing(command)
    assert text.startswith("Elasticsearch does not answer: ")
    assert DOCTOR in text


META = ApiResponseMeta(403, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "localhost", 9200))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OperationFailure("not authorized", 13), "MongoDB: not authorized"),
        (ApiError("cluster_block_exception", META, {}), "Elasticsearch: ApiError(403, 'cluster_block_exception')"),
        (Unavailable("Redis does not answer."), f"Redis does not answer.\n{DOCTOR}"),
        (Conflict("Another rebuild is running."), "Another rebuild is running."),
    ],
)  # fmt: skip
def test_who_refuses_is_named_and_what_names_itself_is_said_as_it_is(error: Exception, text: str) -> None:
    assert isinstance(error, FAULTS)
    assert told(error) == text
