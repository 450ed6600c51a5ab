"""What must hold when all has settled: each check gives the sentences that say what is wrong, none when all is well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from apps.references.digests import digest_pages
from catalog_services.store.rebuild.verification import Differences, compare
from catalog_services.store.stores import generations, mongo
from config.services import WRITE_SERVICES
from tests.chaos import cluster
from tests.chaos.journal import Family, Told
from tests.e2e.conftest import Api

TABLES = {
    "characteristics": ("characteristic", "characteristic_characteristic", ("description",)),
    "specifications": ("specification", "specification_specification", ()),
    "prices": ("pricing", "pricing_price", ("value::text",)),
    "offerings": ("offering", "offering_offering", ("description", "lifecycle_status", "status_reason")),
}
"""Collection -> its owner, its table, and the columns that the load changes or the saga decides."""


def nothing_acknowledged_is_lost(families: Sequence[Family]) -> list[str]:
    """Each aggregate is there with the values of its last acknowledged write (or of a later one whose outcome nobody
    told), and its version has grown by exactly one per effect: a write that took effect twice would show."""
    wrong: list[str] = []
    for collection in TABLES:
        told = [m for family in families for m in family.members if m.collection == collection]
        found = _rows(collection, [m.id for m in told])
        attempts = _publications([m.id for m in told]) if collection == "offerings" else {}
        for member in told:
            wrong += judged(member, found.get(member.id), attempts.get(member.id, []))
    return wrong


def _rows(collection: str, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    service, table, columns = TABLES[collection]
    query = f"SELECT id::text, version, {', '.join(columns) or 'name'} FROM {table} WHERE id = ANY(%s)"
    return {row[0]: row[1:] for row in cluster.rows(service, query, [[UUID(id) for id in ids]])}


def published(families: Sequence[Family]) -> list[str]:
    """The ids of the offerings that are PUBLISHED now."""
    found = _rows("offerings", [family.offering.id for family in families])
    return [id_ for id_, (_, _, status, _) in found.items() if status == "PUBLISHED"]


def _publications(ids: Sequence[str]) -> dict[str, list[str]]:
    """Offering id -> the states of its publications, in order."""
    query = (
        "SELECT offering_id::text, state FROM offering_publication WHERE offering_id = ANY(%s)"
        " ORDER BY created_at"
    )
    found: dict[str, list[str]] = {}
    for offering_id, state in cluster.rows("offering", query, [[UUID(id) for id in ids]]):
        found.setdefault(offering_id, []).append(state)
    return found


def judged(told: Told, row: tuple[Any, ...] | None, publications: list[str]) -> list[str]:
    name = f"{told.collection} {told.id}"
    if row is None:
        return [] if told.deleted or told.maybe_deleted else [f"{name} is lost"]
    if told.deleted:
        return [f"{name} was deleted and is there"]
    version, *values = row
    wrong = []
    if told.collection == "offerings":
        description, status, reason = values
        wrong += _wrong_value(name, told, "description", description)
        wrong += _wrong_lifecycle(name, told, status, reason, publications)
        extra, unsure = 2 * len(publications) + told.retired, int(told.maybe_retired)
    else:
        field = {"prices": "value", "characteristics": "description"}.get(told.collection)
        wrong += _wrong_value(name, told, field, values[0]) if field else []
        extra = unsure = 0
    least = 1 + told.acked + extra
    if not least <= version <= least + told.unknown + unsure:
        wrong.append(f"{name} is at version {version}, not {least} to {least + told.unknown + unsure}")
    return wrong


def _wrong_value(name: str, told: Told, field: str, value: str) -> list[str]:
    possible = {str(one) for one in told.possible(field)}
    if field == "value":
        possible, value = {f"{float(one):.2f}" for one in possible}, f"{float(value):.2f}"
    return [] if value in possible else [f"{name} has {field} {value}, not {' or '.join(sorted(possible))}"]


def _wrong_lifecycle(name: str, told: Told, status: str, reason: str, publications: list[str]) -> list[str]:
    wrong = []
    if not told.published <= len(publications) <= told.published + told.maybe_published:
        wrong.append(f"{name} has {len(publications)} publications, {told.published} were accepted")
    won = [state for state in publications if state == "DONE"]
    if len(won) > 1:
        wrong.append(f"{name} was published {len(won)} times")
    expected = {"DRAFT"}
    if won:
        expected = {"RETIRED"} if told.retired else {"PUBLISHED"}
        expected |= {"RETIRED"} if told.maybe_retired else set()
    if status not in expected:
        wrong.append(f"{name} is {status}, its publications are {publications}")
    if status == "DRAFT" and publications and not reason:
        wrong.append(f"{name} failed to publish without a reason")
    return wrong


def the_store_shows_what_is_published(visitor: Api, families: Sequence[Family]) -> list[str]:
    """A published offering is there with its price as it is now; anything else is not."""
    statuses = _rows("offerings", [family.offering.id for family in families])
    prices = _rows("prices", [family.price.id for family in families])
    wrong = []
    for family in families:
        id_ = family.offering.id
        answer = visitor.get(f"/api/v1/store/offerings/{id_}")
        published = id_ in statuses and statuses[id_][2] == "PUBLISHED"
        if answer.status_code != (200 if published else 404):
            state = "published" if published else "not published"
            wrong.append(f"offerings {id_} is {state} and the store answers {answer.status_code}")
        elif published:
            shown, now = answer.json()["pricing"][0]["value"], prices[family.price.id][1]
            if float(shown) != float(now):
                wrong.append(f"offerings {id_} shows price {shown}, which is {now}")
    return wrong


def nothing_is_left_behind() -> list[str]:
    """No dead letter: nothing that the load does is refused for good."""
    wrong = []
    for service in WRITE_SERVICES:
        query = (
            "SELECT subscriber, count(*), min(reason) FROM outbox_delivery WHERE state = 'dead' GROUP BY 1"
        )
        for subscriber, count, reason in cluster.rows(service, query):
            wrong.append(f"{count} dead letters of {service} for {subscriber}: {reason[:200]}")
    return wrong


def replicas_agree() -> list[str]:
    """What a service knows of another's aggregates is at the owner's version, and what is gone is marked."""
    wrong = []
    for reader, kind, owner, table in (
        ("specification", "characteristic", "characteristic", "characteristic_characteristic"),
        ("offering", "specification", "specification", "specification_specification"),
        ("offering", "price", "pricing", "pricing_price"),
    ):
        known = dict(
            cluster.rows(
                reader,
                "SELECT aggregate_id::text, version FROM references_reference WHERE kind = %s AND NOT deleted",
                [kind],
            )
        )
        owned = dict(cluster.rows(owner, f"SELECT id::text, version FROM {table}"))
        if differing := {id_ for id_ in known | owned if known.get(id_) != owned.get(id_)}:
            wrong.append(f"{reader} knows {len(differing)} of {owner}'s otherwise, e.g. {min(differing)}")
    return wrong


def stores_agree() -> list[str]:
    """The store holds what the write services hold, by version and hash, and both of its stores hold the same."""
    database = mongo.writing()
    found = compare(database, generations.ensure(database).live, pages=digest_pages, say=lambda *_: None)
    return [] if found.same else [f"the store differs: {_summary(found)}"]


def _summary(found: Differences) -> dict[str, Any]:
    parts = {"missing": found.missing, "different": found.different, "extra": found.extra}
    counted = {
        name: {kind: sorted(ids)[:3] for kind, ids in part.items() if ids} for name, part in parts.items()
    }
    return {**counted, "entries": dict(list(found.entries.items())[:3])}


def entry_hashes() -> dict[str, tuple[bool, str]]:
    """Entry id -> (visible, hash) of the live generation; tombstones left out."""
    database = mongo.writing()
    entries: Iterable[dict[str, Any]] = mongo.collection(
        database, "entries", generations.ensure(database).live
    ).find({"hash": {"$ne": ""}}, {"visible": 1, "hash": 1})
    return {entry["_id"]: (entry["visible"], entry["hash"]) for entry in entries}
