"""``/api/v1/store/ops/...``: what an operator's page is made of, for admins. Everything is read only."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from apps.access.ninja import Bearer
from apps.core import clock
from apps.core.actor import ADMIN
from apps.ops import queues
from catalog_services.store import operations
from catalog_services.store.api.parameters import refuse_unknown
from catalog_services.store.api.schemas import Problem

TAG = "operations"
router = Router(auth=Bearer(roles=(ADMIN,)), tags=[TAG])
_PROBLEMS = dict.fromkeys((400, 401, 403, 503), Problem)
MOST_IDS = 100
Answers = Literal["up", "down"]


class StoreFlow(Schema):
    generation: str | None
    dirty: int | None = Field(description="Changes that not both stores show yet.")
    aside: int | None = Field(description="Entries that could not be composed, or that were refused.")
    oldest_dirty_seconds: float | None
    mongodb: Answers
    elasticsearch: Answers


class Flow(Schema):
    service: str
    at: str
    queues: dict[str, int | None] = Field(description="By name; null while the broker is down.")
    store: StoreFlow


class Aggregate(Schema):
    """Null is what there is not, or what a store that is down would say."""

    id: str
    kind: str | None
    version: int | None
    deleted: bool | None
    entry_rev: int | None = Field(description="Of an offering's entry in MongoDB.")
    indexed_version: int | None = Field(description="The rev that Elasticsearch has.")


class State(Schema):
    service: str
    aggregates: list[Aggregate]
    mongodb: Answers
    elasticsearch: Answers


class StateParameters(Schema):
    id: list[UUID] = Field([], max_length=MOST_IDS, description="An aggregate's id; may be repeated.")


class NoParameters(Schema):
    pass


@router.get("/ops/flow", response={200: Flow, **_PROBLEMS}, summary="What goes through the store")
def flow(request: HttpRequest) -> dict[str, Any]:
    """What waits at this moment, on the broker and in the stores, and whether those answer."""
    refuse_unknown(request, NoParameters)
    return {
        "service": settings.SERVICE_NAME,
        "at": clock.iso(clock.now()),
        "queues": queues.waiting(),
        "store": operations.store_flow(),
    }


@router.get("/ops/state", response={200: State, **_PROBLEMS}, summary="What the store has of aggregates")
def state(request: HttpRequest, parameters: Query[StateParameters]) -> dict[str, Any]:
    """What the live generation has of each id, in both stores; an id that neither knows is left out."""
    refuse_unknown(request, StateParameters)
    ids = list(dict.fromkeys(str(id) for id in parameters.id))
    return {"service": settings.SERVICE_NAME, **operations.aggregates(ids)}
