"""Whether each part answers, asked in its own protocol: an open port alone would not be honest.

The drivers are imported when somebody asks: they are a third of the gateway's memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module

import aiohttp

from config import env

type Check = Callable[[aiohttp.ClientSession], Awaitable[bool]]
# Below what the page allows, so that no thread outlives many answers.
_SECONDS = 1.5


def _page(part: str, path: str) -> Check:
    async def check(session: aiohttp.ClientSession) -> bool:
        async with session.get(f"{env.part_url(part)}{path}") as answer:
            return answer.status == 200

    return check


def _driver(ask: Callable[[], bool]) -> Check:
    async def check(_: aiohttp.ClientSession) -> bool:
        return await asyncio.to_thread(ask)

    return check


def _postgres() -> bool:
    import psycopg

    with psycopg.connect(env.server_database_url("postgres"), connect_timeout=2) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def _redis() -> bool:
    from redis import Redis

    with Redis.from_url(
        env.part_url("redis"), socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS
    ) as client:
        return bool(client.ping())


def _mongodb() -> bool:
    from pymongo import MongoClient

    milliseconds = int(_SECONDS * 1000)
    with MongoClient[dict[str, object]](
        env.part_url("mongodb"), serverSelectionTimeoutMS=milliseconds, socketTimeoutMS=milliseconds
    ) as client:
        return bool(client.admin.command("ping")["ok"])


async def prepare() -> None:
    """Import the drivers, once and aside: their import takes longer than any of them may take to answer."""
    await asyncio.to_thread(lambda: [import_module(name) for name in ("psycopg", "redis", "pymongo")])


CHECKS: dict[str, Check] = {
    "postgres": _driver(_postgres),
    "redis": _driver(_redis),
    "mongodb": _driver(_mongodb),
    "elasticsearch": _page("elasticsearch", "/_cluster/health?wait_for_status=yellow&timeout=1s"),
    "camunda": _page("camunda", "/process-definition/count"),
    "zipkin": _page("zipkin", "/health"),
    "flower": _page("flower", "/healthcheck"),
}
