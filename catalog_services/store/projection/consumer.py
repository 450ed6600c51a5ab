"""The store's event consumer (``settings.EVENT_CONSUMER``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

import structlog
from pymongo.errors import PyMongoError

from apps.core.errors import SuiteError, ValidationFailed
from apps.observability.tracing import current_traceparent, event_span, span_context
from apps.outbox.envelope import CloudEvent, Receipt
from catalog_services.store.projection import dirty, indexing, publications
from catalog_services.store.projection.components import Component, component_of, upsert
from catalog_services.store.projection.drain import bring_marked
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.generations import Pointer
from catalog_services.store.stores.mongo import Mongo

log = structlog.get_logger(__name__)

PUBLICATION_FAILED = "catalog.offering.PublicationFailed.v1"


@dataclass(slots=True)
class _Batch:
    """What a batch of events asks for, sorted out; ``receipts`` starts with what was refused."""

    events: list[CloudEvent] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Receipt] = field(default_factory=list)

    @property
    def causes(self) -> dict[str, list[str]]:
        """What the marks of this batch name."""
        found: dict[str, set[str]] = {}
        for component in self.components:
            found.setdefault(component.kind, set()).add(component.id)
        if self.failed:
            found[dirty.ENTRIES] = {offering_id for _, offering_id in self.failed}
        return {kind: sorted(ids) for kind, ids in found.items()}


def consume(events: list[CloudEvent]) -> list[Receipt]:
    """Apply events in whatever order they came and answer for each.

    An event is acknowledged when MongoDB has its component and its mark in the journal of a majority; Elasticsearch
    follows at once when it is up, else when it is back. A payload that cannot be kept is refused and stops no other;
    while MongoDB is down all others wait.
    """
    batch = _sorted_out(events)
    with _spans(batch.events):
        try:
            _apply(mongo.writing(), batch)
        except (PyMongoError, SuiteError) as error:
            reason = f"{type(error).__name__}: {error}"[:500]
            log.warning("events wait for MongoDB", events=len(batch.events), reason=reason)
            return batch.refused + [Receipt(e.id, e.source, "wait", reason) for e in batch.events]
    return batch.refused + [Receipt(event.id, event.source, "ack") for event in batch.events]


def _sorted_out(events: Sequence[CloudEvent]) -> _Batch:
    batch = _Batch()
    for event in events:
        try:
            if event.type == PUBLICATION_FAILED:
                batch.failed.append(_publication(event))
            elif (component := component_of(event)) is not None:
                batch.components.append(component)
        except ValidationFailed as error:
            log.exception("event refused", type=event.type, subject=event.subject)
            batch.refused.append(Receipt(event.id, event.source, "reject", str(error)))
        else:
            batch.events.append(event)
    return batch


def _publication(event: CloudEvent) -> tuple[str, str]:
    found = (event.data.get("id"), event.data.get("offering_id"))
    if not all(isinstance(id, str) and re.fullmatch(r"[0-9a-fA-F-]{32,36}", id) for id in found):
        raise ValidationFailed("A failed publication names its id and its offering_id.")
    return str(found[0]), str(found[1])


def _apply(database: Mongo, batch: _Batch) -> None:
    if not (batch.components or batch.failed):
        return
    pointer = generations.ensure(database)
    for publication_id, offering_id in batch.failed:
        publications.undo(database, publication_id=publication_id, offering_id=offering_id)
    ensure_indexes(database, pointer)
    for generation in pointer.written:
        upsert(database, generation, batch.components)
        dirty.mark(database, generation, batch.causes)
        try:
            bring_marked(database, generation)
        except Exception:  # the events are kept and what shows them is marked: a later drain does it
            log.exception("drain failed", generation=generation)


def ensure_indexes(database: Mongo, pointer: Pointer, *, look_for_loss: bool = False) -> None:
    """The indexes are there, or Elasticsearch is down and will be asked again."""
    try:
        with ELASTICSEARCH.attempt():
            indexing.ensure(database, elastic.writing(), pointer)
            if look_for_loss:
                indexing.look_for_loss(database, elastic.writing(), pointer)
    except StoreDown:
        return


@contextmanager
def _spans(events: Sequence[CloudEvent]) -> Iterator[None]:
    """One span per event, each in its own trace. The work is done once, for all of them: below the first whose trace
    is kept, which has links to the others."""
    working = next(filter(_is_kept, events), None)
    with ExitStack() as stack:
        links = []
        for event in events:
            if event is not working:
                stack.enter_context(_span(event))
                links.append(current_traceparent())
        if working is not None:
            stack.enter_context(_span(working, links))
        yield


def _is_kept(event: CloudEvent) -> bool:
    return span_context(event.traceparent).trace_flags.sampled


def _span(event: CloudEvent, links: Iterable[str] = ()) -> AbstractContextManager[object]:
    return event_span(f"consume {event.type}", event.traceparent, links=links, subject=event.subject)
