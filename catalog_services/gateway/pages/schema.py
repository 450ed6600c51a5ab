"""The services' OpenAPI documents as one: paths side by side, components under their service's name."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

import aiohttp
from django.conf import settings
from django.http import HttpRequest, JsonResponse

from catalog_services.gateway.pages import openapi
from catalog_services.gateway.pages.fetch import each
from config import env
from config.services import SERVICES

PATIENCE_SECONDS = 10.0
KEPT_SECONDS, KEPT_INCOMPLETE_SECONDS = 60.0, 5.0
_latest: tuple[float, dict[str, Any]] | None = None


async def merged(request: HttpRequest) -> JsonResponse:
    """The whole suite's document; ``info.x-missing`` names services that did not answer."""
    global _latest
    if _latest is None or monotonic() > _latest[0]:
        document = await _merge()
        kept = KEPT_INCOMPLETE_SECONDS if document["info"].get("x-missing") else KEPT_SECONDS
        _latest = (monotonic() + kept, document)
    return JsonResponse(_latest[1])


async def _merge() -> dict[str, Any]:
    answers = await each(settings.GATEWAY_UPSTREAMS, _document, seconds=PATIENCE_SECONDS)
    found = {name: answer for name, answer in answers.items() if not isinstance(answer, Exception)}
    return openapi.merge(
        found,
        missing=[name for name in answers if name not in found],
        title="Catalog Suite",
        server=env.public_url(),
    )


async def _document(session: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    url = f"{settings.GATEWAY_UPSTREAMS[name]}{SERVICES[name].api_root}/schema"
    headers = {"Accept": "application/vnd.oai.openapi+json, application/json"}
    async with session.get(url, headers=headers) as answer:
        answer.raise_for_status()
        document: dict[str, Any] = json.loads(await answer.read())
        return document
