"""Clients that leave before their answer: noticed, so that no service is kept busy for nobody."""

from __future__ import annotations

import asyncio

from catalog_services.gateway.edge.body import Body

# Only a request that takes longer than this is worth a task that listens to its client.
LOOK_SECONDS = 0.05


class Watched:
    """An exchange of the current task; ``client_left`` is why it was cancelled."""

    __slots__ = ("_body", "_exchange", "_listener", "client_left", "seen")

    def __init__(self, body: Body) -> None:
        self._body = body
        self._exchange = asyncio.current_task()
        self._listener: asyncio.Task[None] | None = None
        self.client_left = False
        self.seen = False

    def listen(self) -> bool:
        """Begin to wait for the client's departure; False while its body is still read: whoever does will notice."""
        if not self._body.complete:
            return False
        self._listener = asyncio.create_task(self._wait())
        return True

    async def _wait(self) -> None:
        while (await self._body.receive())["type"] != "http.disconnect":
            pass
        self.client_left = True
        if self._exchange is not None:
            self._exchange.cancel()

    def end(self) -> None:
        if self._listener is not None:
            self._listener.cancel()


class Departures:
    """Watches all exchanges with one timer, which runs while there are any: most end before it sees them twice."""

    def __init__(self) -> None:
        self._unheard: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, body: Body) -> Watched:
        """Watch the current task's exchange until ``end`` is called with what this returns."""
        watched = Watched(body)
        self._unheard.add(watched)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        return watched

    def end(self, watched: Watched) -> None:
        self._unheard.discard(watched)
        watched.end()

    def _look(self) -> None:
        heard = {watched for watched in self._unheard if watched.seen and watched.listen()}
        self._unheard -= heard
        for watched in self._unheard:
            watched.seen = True
        self._timer = (
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look) if self._unheard else None
        )
