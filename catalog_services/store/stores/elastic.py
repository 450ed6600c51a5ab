"""Elasticsearch: clients per process, indexes by generation, and the numeric fields that grow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.conf import settings
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.serializer import OrjsonSerializer

from catalog_services.store.documents import create_index

log = structlog.get_logger(__name__)

MAX_NUMBER_FIELDS = 2000
"""Numeric fields an index may grow to; a characteristic beyond it is still found by its exact value."""

_clients: dict[tuple[Any, ...], Elasticsearch] = {}

NumberField = tuple[str, str]
"""``(characteristic slug, canonical unit)``."""


def reading() -> Elasticsearch:
    """The client for answering requests."""
    return _client(os.getpid(), settings.STORE_ELASTICSEARCH_URL, settings.STORE_READ_TIMEOUT)


def standing_in() -> Elasticsearch:
    """The client for what MongoDB did not answer: nobody is left to ask, so it has longer."""
    return _client(os.getpid(), settings.STORE_ELASTICSEARCH_URL, settings.STORE_STAND_IN_TIMEOUT)


def writing() -> Elasticsearch:
    """The client for projections and rebuilds."""
    return _client(os.getpid(), settings.STORE_ELASTICSEARCH_URL, 10.0)


def _client(*key: Any) -> Elasticsearch:
    """One client per process (``pid``), URL and patience; nothing is retried here, the callers know better."""
    if key in _clients:
        return _clients[key]
    _, url, seconds = key
    made = Elasticsearch(
        url,
        request_timeout=seconds,
        max_retries=0,
        retry_on_timeout=False,
        dead_node_backoff_factor=0,
        serializer=OrjsonSerializer(),
    )
    kept = _clients.setdefault(key, made)
    if kept is not made:  # another thread was faster
        made.close()
    return kept


def close() -> None:
    """Close this process's clients; the next use opens new ones."""
    for key in [key for key in _clients if key[0] == os.getpid()]:
        _clients.pop(key).close()


def index_name(generation: str) -> str:
    return f"{settings.STORE_INDEX_PREFIX}-{generation}"


def write_alias(generation: str) -> str:
    """What a generation's index is called by who writes documents. Elasticsearch makes an index that is missing when
    one writes to it, unless the cluster's settings forbid that: an alias that is missing it never makes."""
    return f"{index_name(generation)}-write"


def alias() -> str:
    """The name that always means the live index: for reads while MongoDB, which knows it, is down."""
    return str(settings.STORE_INDEX_PREFIX)


def adopt_index(client: Elasticsearch, generation: str) -> bool:
    """Whether a generation has its index, ready to be written to.

    One from before there was an alias for writes gets it. One that a write had made then, without our mapping, goes.
    """
    name, alias = index_name(generation), write_alias(generation)
    if client.indices.exists_alias(index=name, name=alias):
        return True
    try:
        mapping = client.indices.get_mapping(index=name).body[name]["mappings"]
    except NotFoundError:
        return False
    if mapping.get("dynamic") != "strict":
        log.error("an index without our mapping goes", index=name)
        drop_index(client, generation)
        return False
    client.indices.put_alias(index=name, name=alias)
    return True


def ensure_index(client: Elasticsearch, generation: str) -> None:
    """Make a generation's index; harmless when it is there."""
    try:
        create_index(client, index_name(generation), write_alias=write_alias(generation))
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":  # another process was faster
            raise
    forget(generation)


def pause_refresh(client: Elasticsearch, generation: str) -> None:
    """Nobody searches an index that is being built: it need not show what it has until ``resume_refresh``."""
    client.indices.put_settings(index=index_name(generation), settings={"refresh_interval": "-1"})


def resume_refresh(client: Elasticsearch, generation: str) -> None:
    """Show all that an index has, and from now on as soon as searches want it."""
    interval = settings.STORE_REFRESH_INTERVAL
    client.indices.put_settings(index=index_name(generation), settings={"refresh_interval": interval})
    client.indices.refresh(index=index_name(generation))


def blocked(client: Elasticsearch, generation: str) -> set[str]:
    """What blocks writes to an index: ``read_only_allow_delete`` while its disk is full."""
    answer = client.indices.get_settings(
        index=index_name(generation), name="index.blocks.*", flat_settings=True
    )
    found = answer.body.get(index_name(generation), {}).get("settings", {})
    return {name.removeprefix("index.blocks.") for name, value in found.items() if value == "true"}


def drop_index(client: Elasticsearch, generation: str) -> None:
    client.options(ignore_status=404).indices.delete(index=index_name(generation))
    forget(generation)


def alias_holders(client: Elasticsearch) -> set[str]:
    """The indexes that the alias means: one, or none before the store was ever written to."""
    try:
        return set(client.indices.get_alias(name=alias()).body)
    except NotFoundError:
        return set()


def point_alias(client: Elasticsearch, generation: str) -> None:
    """Make the alias mean this generation's index and no other, in one step."""
    holders, target = alias_holders(client), index_name(generation)
    if holders == {target}:
        return
    actions: list[Mapping[str, Mapping[str, Any]]] = [
        {"remove": {"index": name, "alias": alias()}} for name in sorted(holders - {target})
    ]
    client.indices.update_aliases(actions=[*actions, {"add": {"index": target, "alias": alias()}}])


def generations_there(client: Elasticsearch) -> set[str]:
    """The generations that have an index, whoever made it."""
    name = re.compile(rf"{re.escape(alias())}-([0-9a-f]{{32}})")
    return {
        found[1] for index in client.indices.get(index=f"{alias()}-*") if (found := name.fullmatch(index))
    }


_known_fields: dict[str, set[NumberField]] = {}


def ensure_numbers(client: Elasticsearch, generation: str, wanted: Iterable[NumberField]) -> set[NumberField]:
    """Declare numeric fields in a generation's index; gives all it has, which may lack some over the limit."""
    name = index_name(generation)
    missing = set(wanted) - _known_fields.get(name, set())
    if missing:
        known = declared_numbers(client, generation)
        fresh = sorted(missing - known)[: max(0, MAX_NUMBER_FIELDS - len(known))]
        if fresh:
            client.indices.put_mapping(index=name, properties={"numbers": {"properties": _mapping(fresh)}})
        if len(fresh) < len(missing - known):
            log.error("too many numeric characteristics", index=name, limit=MAX_NUMBER_FIELDS)
        _known_fields[name] = known | set(fresh)
    return _known_fields.get(name, set())


def forget(generation: str) -> None:
    """Forget what is known of an index's fields."""
    _known_fields.pop(index_name(generation), None)


def declared_numbers(client: Elasticsearch, generation: str) -> set[NumberField]:
    """The numeric fields that a generation's index has."""
    name = index_name(generation)
    numbers = client.indices.get_mapping(index=name).body[name]["mappings"]["properties"]["numbers"]
    return {(key, unit) for key, by in numbers.get("properties", {}).items() for unit in by["properties"]}


def _mapping(fields: Iterable[NumberField]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for key, unit in fields:
        properties.setdefault(key, {"properties": {}})["properties"][unit] = {"type": "double"}
    return properties
