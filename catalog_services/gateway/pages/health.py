"""Is the suite there? The gateway itself, every service, every part: asked now, answered within two seconds."""

from __future__ import annotations

import asyncio
from time import monotonic, perf_counter
from typing import Any

import aiohttp
from django.conf import settings
from django.http import HttpRequest, JsonResponse

from catalog_services.gateway.pages.fetch import each, reason
from catalog_services.gateway.pages.parts import CHECKS, prepare
from config import env
from config.parts import OPTIONAL

PATIENCE_SECONDS = 1.8
# Anyone may ask, so the parts are asked once a second at most.
KEPT_SECONDS = 1.0
_latest: tuple[float, dict[str, Any]] | None = None
_asking = asyncio.Lock()


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the gateway answers; it is ready when it is alive, for it holds nothing."""
    return JsonResponse({"service": settings.SERVICE_NAME, "status": "up"})


async def dependencies(request: HttpRequest) -> JsonResponse:
    """Each service and part with its state; 503 when one that is needed is down, ``degraded`` for a console."""
    global _latest
    async with _asking:
        if _latest is None or monotonic() - _latest[0] > KEPT_SECONDS:
            report = await _report()
            _latest = (monotonic(), report)
    report = _latest[1]
    return JsonResponse(report, status=503 if report["status"] == "down" else 200)


async def _report() -> dict[str, Any]:
    await prepare()
    services, parts = await asyncio.gather(
        each(settings.GATEWAY_UPSTREAMS, _service, seconds=PATIENCE_SECONDS),
        each([name for name in CHECKS if not env.part_is_absent(name)], _part, seconds=PATIENCE_SECONDS),
    )
    told = {
        "services": {name: _told(answer) for name, answer in services.items()},
        "parts": {name: _told(answer) for name, answer in parts.items()},
    }
    down = {name for group in told.values() for name, answer in group.items() if answer["status"] != "up"}
    status = "up" if not down else "degraded" if down <= OPTIONAL else "down"
    return {"status": status, **told}


def _told(answer: dict[str, Any] | Exception) -> dict[str, Any]:
    return {"status": "down", "reason": reason(answer)} if isinstance(answer, Exception) else answer


async def _service(session: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    started = perf_counter()
    async with session.get(f"{settings.GATEWAY_UPSTREAMS[name]}/health/ready") as answer:
        body = await answer.json(content_type=None)
        told: dict[str, Any] = {"status": "up" if answer.status == 200 else "down", "ms": _ms(started)}
        if isinstance(body, dict) and "parts" in body:
            told["parts"] = body["parts"]
        return told


async def _part(session: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    started = perf_counter()
    answers = await CHECKS[name](session)
    return {"status": "up" if answers else "down", "ms": _ms(started)}


def _ms(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)
