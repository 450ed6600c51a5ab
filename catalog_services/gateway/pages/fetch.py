"""Asking the services something side by side, for our own pages; the loop and so the client live for one page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import aiohttp

type Ask[T] = Callable[[aiohttp.ClientSession, str], Awaitable[T]]


async def each[T](names: Iterable[str], ask: Ask[T], *, seconds: float) -> dict[str, T | Exception]:
    """``ask`` of every name at once; one that fails or takes over ``seconds`` answers with its exception."""

    async def one(session: aiohttp.ClientSession, name: str) -> T | Exception:
        try:
            async with asyncio.timeout(seconds):
                return await ask(session, name)
        except Exception as error:  # an answer like any other: this one is down
            return error

    wanted = list(names)
    async with aiohttp.ClientSession(trust_env=False) as session:
        answers = await asyncio.gather(*(one(session, name) for name in wanted))
    return dict(zip(wanted, answers, strict=True))


def reason(error: Exception) -> str:
    """Why something is down, without the addresses and credentials that messages may hold."""
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
