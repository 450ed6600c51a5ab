"""The load: people who create, change, publish, retire and delete, and customers who read, each with a thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from apps.core.ids import uuid7
from tests.chaos.journal import Counts, Family, Told
from tests.e2e.conftest import Api

WRITER_PAUSE_SECONDS = 0.75
READER_PAUSE_SECONDS = 0.2
REQUEST_SECONDS = 15.0
# What a valid request can meet: in use, locked, another version.
_EXPECTED = {404, 409, 412, 423}


class Worker(threading.Thread):
    """Repeats ``step`` with pauses until it is told to stop. What a step raises is kept in ``error``."""

    def __init__(self, name: str, token: str, base_url: str, pause: float, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.counts = Counts()
        self.error: BaseException | None = None
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._pause = pause
        self.api = Api(base_url=base_url, timeout=REQUEST_SECONDS, headers={"Authorization": token})

    def step(self) -> None:
        raise NotImplementedError

    def run(self) -> None:
        try:
            while not self._stopping.wait(self._random.uniform(0, 2 * self._pause)):
                self.step()
        except BaseException as error:  # told by the round, which must not pass for it
            self.error = error
        finally:
            self.api.close()

    def stop(self) -> None:
        self._stopping.set()


class Writer(Worker):
    """Owns its families: nobody else writes to them, so what they must be in the end is known."""

    def __init__(self, *arguments: Any, families: list[Family]) -> None:
        super().__init__(*arguments, pause=WRITER_PAUSE_SECONDS, seed=random.getrandbits(32))
        self.families = families
        self.touched: list[Family] = []

    def step(self) -> None:
        if not self.families or self._random.random() < 0.25:
            self._begin()
            return
        family = self._random.choice(self.families[-8:])
        ways: list[tuple[int, Callable[[Family], None]]] = [
            (5, self._change_price),
            (2, self._change_characteristic),
            (2, self._rename_offering),
            (4, self._publish),
            (1, self._retire),
            (1, self._remove),
        ]
        way = self._random.choices([way for _, way in ways], [weight for weight, _ in ways])[0]
        if not (family.offering.deleted or family.offering.maybe_deleted):
            self.touched.append(family)
            way(family)

    def _begin(self) -> None:
        word = f"c{uuid7().hex[-12:]}"
        made: list[Told] = []
        for collection, fields in (
            ("characteristics", {"name": f"Speed {word}", "value": "100", "unit_of_measure": "Mbps"}),
            ("specifications", {"name": f"Line {word}"}),
            (
                "prices",
                {"name": f"Fee {word}", "value": "10.00", "currency": "EUR", "price_type": "one_time"},
            ),
            ("offerings", {"name": f"Fibre {word}", "description": "0", "sales_channels": ["web"]}),
        ):
            if collection == "specifications":
                fields["characteristic_ids"] = [made[0].id]
            elif collection == "offerings":
                fields |= {"specification_ids": [made[1].id], "pricing_ids": [made[2].id]}
            body = self._told("POST", f"/api/v1/{collection}", fields)
            if body is None:
                return  # what was made of it stays without an offering
            values = {name: body[name] for name in ("name", "value", "description") if name in body}
            made.append(Told(collection, body["id"], values))
        family = Family(word, *made)
        self.families.append(family)
        self.touched.append(family)

    def _change(self, told: Told, **fields: Any) -> None:
        outcome = self._told("PATCH", f"/api/v1/{told.collection}/{told.id}", fields, told)
        if outcome is not None:
            told.values |= fields
            told.acked += 1

    def _change_price(self, family: Family) -> None:
        self._change(family.price, value=f"{self._random.randint(1, 9999)}.{self._random.randint(10, 99)}")

    def _change_characteristic(self, family: Family) -> None:
        self._change(family.characteristic, description=uuid7().hex)

    def _rename_offering(self, family: Family) -> None:
        self._change(family.offering, description=uuid7().hex)

    def _publish(self, family: Family) -> None:
        offering = family.offering
        status, _ = self._send("POST", f"/api/v1/offerings/{offering.id}/publish", None)
        offering.published += status == 202
        offering.maybe_published += _is_unknown(status)

    def _retire(self, family: Family) -> None:
        offering = family.offering
        status, _ = self._send("POST", f"/api/v1/offerings/{offering.id}/retire", None)
        offering.retired |= status == 200
        offering.maybe_retired |= _is_unknown(status)

    def _remove(self, family: Family) -> None:
        offering = family.offering
        status, _ = self._send("DELETE", f"/api/v1/offerings/{offering.id}", None)
        offering.deleted |= status == 204
        offering.maybe_deleted |= _is_unknown(status)

    def _told(
        self, method: str, url: str, fields: dict[str, Any], told: Told | None = None
    ) -> dict[str, Any] | None:
        status, body = self._send(method, url, fields)
        if told is not None and _is_unknown(status):
            told.maybe.append(fields)
            told.unknown += 1
        return body if status in {200, 201} else None

    def _send(self, method: str, url: str, fields: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        """The answer's status, 0 for none at all."""
        try:
            response = self.api.request(method, url, json=fields)
        except httpx.HTTPError:
            self.counts.unknown += 1
            return 0, {}
        status = response.status_code
        if response.is_success:
            self.counts.acked += 1
        elif status >= 500:
            self.counts.unknown += 1
        else:
            self.counts.refused[status] += 1
            if status not in _EXPECTED:
                self.counts.surprises.append(f"{method} {url}: {status} {response.text[:300]}")
        return status, response.json() if response.is_success and response.content else {}


def _is_unknown(status: int) -> bool:
    return status == 0 or status >= 500


class Reader(Worker):
    """A customer: lists, searches, and looks at what is known to be there."""

    def __init__(self, *arguments: Any, visible: list[str]) -> None:
        super().__init__(*arguments, pause=READER_PAUSE_SECONDS, seed=random.getrandbits(32))
        del self.api.headers["Authorization"]
        self._visible = visible

    def step(self) -> None:
        urls = ["/api/v1/store/offerings?limit=10", "/api/v1/store/search?q=fibre&limit=10"]
        if self._visible:
            urls.append(f"/api/v1/store/offerings/{self._random.choice(self._visible)}")
        url = self._random.choice(urls)
        self.counts.reads += 1
        started = time.monotonic()
        try:
            response = self.api.get(url)
        except httpx.HTTPError as error:
            self.counts.failed_reads.append(f"{url}: {type(error).__name__}")
            return
        if response.status_code != 200:
            waited = time.monotonic() - started
            self.counts.failed_reads.append(
                f"{url}: {response.status_code} after {waited:.1f} s {response.text[:200]}"
            )
        elif response.json().get("degraded"):
            self.counts.degraded += 1
