"""The endpoints: read the parameters, ask the reader, hand out the bytes."""

from __future__ import annotations

from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag
from ninja import Query, Router

from apps.core import clock
from apps.core.errors import NotFound
from apps.store_item.validity import millis
from catalog_services.store.api.parameters import (
    DetailParameters,
    ListParameters,
    SearchParameters,
    refuse_unknown,
)
from catalog_services.store.api.schemas import Item, ItemList, Problem, SearchResult
from catalog_services.store.search import reader, vocabulary
from catalog_services.store.search.page import Page

router = Router()
_PROBLEMS = dict.fromkeys((400, 401, 403, 404, 503), Problem)


@router.get("/offerings", response={200: ItemList, **_PROBLEMS}, summary="Published offerings")
def list_offerings(request: HttpRequest, parameters: Query[ListParameters]) -> HttpResponse:
    """The offerings that are published and valid, sorted and filtered."""
    refuse_unknown(request, ListParameters)
    at = reader.live()
    return _page(reader.page(parameters.criteria(vocabulary.current(at.generation)), at))


@router.get("/search", response={200: SearchResult, **_PROBLEMS}, summary="Search offerings")
def search(request: HttpRequest, parameters: Query[SearchParameters]) -> HttpResponse:
    """The offerings that answer a question, best first, with counts to refine it and spellings to correct it."""
    refuse_unknown(request, SearchParameters)
    at = reader.live()
    words = vocabulary.current(at.generation)
    criteria = parameters.criteria(words)
    page = reader.page(criteria, at, with_facets=True)
    return _page(page, facets=words.facets_at(page.facets, criteria.at), suggestions=page.suggestions)


@router.get("/offerings/{offering_id}", response={200: Item, 304: None, **_PROBLEMS}, summary="One offering")
def get_offering(request: HttpRequest, offering_id: str, parameters: Query[DetailParameters]) -> HttpResponse:
    """A published offering, with an ETag; `If-None-Match` answers 304 while it is unchanged."""
    refuse_unknown(request, DetailParameters)
    item = reader.detail(_id(offering_id), at=millis(parameters.at or clock.now()))
    # A body that says "degraded" is another one, and not unchanged when both stores are back.
    etag = quote_etag(f"{item.etag}-degraded" if item.degraded else item.etag)
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if known and not {etag, f"W/{etag}", "*"}.isdisjoint(known):
        response = HttpResponse(status=304)
    else:
        response = _json(item.body[:-1] + b',"degraded":true}' if item.degraded else item.body)
    response["ETag"] = etag
    return response


def _id(given: str) -> str:
    try:
        return str(UUID(given))
    except ValueError as error:
        raise NotFound("No offering has this id.") from error


def _page(page: Page, **more: object) -> HttpResponse:
    rest = orjson.dumps({"next_cursor": page.next_cursor, "degraded": page.degraded, **more})
    return _json(b'{"total":%s,"items":[%s],%s' % (orjson.dumps(page.total), b",".join(page.items), rest[1:]))


def _json(content: bytes) -> HttpResponse:
    # Kept, but asked whether it is still so; and in one piece: in chunks it is more packets, and more work to read.
    headers = {"Cache-Control": "no-cache", "Content-Length": str(len(content))}
    return HttpResponse(content, content_type="application/json; charset=utf-8", headers=headers)
