"""The data stream of the logs: its template, its retention, and what is added to it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import orjson
import urllib3
from urllib3.util import parse_url

from apps.runtime.log_shipper.template import NAME, PATTERN, template

CONNECT_SECONDS, ANSWER_SECONDS = 3, 30
DAY_MS = 86_400_000
LARGEST_INDEX_MB = 1024
# Its answers that say "not now" or "not you": the lines wait. Any other 4xx is about one line alone.
NOT_NOW = frozenset({401, 403, 404, 408, 429})
TAKEN = frozenset({200, 201, 409})


class Away(Exception):
    """Elasticsearch takes nothing at present; the text says why."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Until when a line is kept: both hold, and whole indexes go, never the one that is written to.

    Logs that fill the disk would stop the store's index, too: Elasticsearch then takes no write for any.
    """

    days: int
    megabytes: int
    """On the disks, with every copy."""


class DataStream:
    """``logs-catalog-default`` at ``url``, which may have a name and a password in it."""

    def __init__(self, url: str, retention: Retention) -> None:
        parsed = parse_url(url)
        headers = {"Content-Type": "application/json"}
        if parsed.auth:
            headers |= urllib3.make_headers(basic_auth=unquote(parsed.auth))
        self._base = parsed._replace(auth=None).url.rstrip("/")
        self._retention = retention
        self._pool = urllib3.PoolManager(
            headers=headers,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
        )

    def prepare(self) -> None:
        """Put the template, and take care of retention. Raises ``Away``."""
        days = self._retention.days
        self._require("PUT", f"/_index_template/{PATTERN.rstrip('-*')}", template(days))
        # Refused by a cluster without that module, like the one that is started here.
        self._ask("PUT", f"/_data_stream/{NAME}/_lifecycle", {"data_retention": f"{days}d"})
        self.clear()

    def clear(self, *, now: float | None = None) -> list[str]:
        """What a lifecycle does, by hand, and what none does: a new index each day or quarter of the room there is;
        none whose last line is too old, or for which there is no room beside the newer ones.

        ``now`` in Unix seconds. Gives the names of the indexes that were removed. Raises ``Away``.
        """
        largest = min(max(1, self._retention.megabytes // 4), LARGEST_INDEX_MB)
        conditions = {"max_age": "1d", "max_primary_shard_size": f"{largest}mb", "min_docs": 1}
        self._ask("POST", f"/{NAME}/_rollover", {"conditions": conditions})
        old = self.old(now=now)
        for name in old:
            self._require("DELETE", f"/{name}")
        return old

    def old(self, *, now: float | None = None) -> list[str]:
        """The indexes that ``clear`` would remove, the oldest first. Raises ``Away``."""
        indexes = f"/.ds-{NAME}-*"
        path = f"{indexes}/_settings/index.creation_date?flat_settings=true&expand_wildcards=all"
        found = self._require("GET", path)
        made = sorted((int(one["settings"]["index.creation_date"]), name) for name, one in found.items())
        path = f"{indexes}/_stats/store?expand_wildcards=all&filter_path=indices.*.total.store.size_in_bytes"
        told = self._require("GET", path).get("indices", {})
        sizes = {name: one["total"]["store"]["size_in_bytes"] for name, one in told.items()}
        since = (now or time.time()) * 1000 - self._retention.days * DAY_MS
        room = self._retention.megabytes * 1_000_000
        room -= sizes.get(made[-1][1], 0) if made else 0
        old = []
        for (_, name), (until, _) in reversed(list(pairwise(made))):
            room -= sizes.get(name, 0)
            # An index was written to until the next one was made.
            if until < since or room < 0:
                old.append(name)
        return old[::-1]

    def add(self, documents: list[tuple[str, bytes]]) -> list[int]:
        """Add documents (id, JSON); one that is there already is the same one.

        Gives the places of those that are refused for good. Raises ``Away``.
        """
        body = b"".join(b'{"create":{"_id":"%b"}}\n%b\n' % (id.encode(), one) for id, one in documents)
        path = f"/{NAME}/_bulk?filter_path=items.*.status,items.*.error.type"
        status, answer = self._ask("POST", path, body)
        if status in {400, 413}:
            return self._add_halves(documents)
        if status != 200:
            raise Away(_reason(status, answer))
        results = [next(iter(item.values())) for item in answer["items"]]
        # Where others are taken, a 500 is what one document does to the server.
        broken = all(result["status"] == 500 for result in results)
        for result in results:
            if broken or result["status"] in NOT_NOW or result["status"] > 500:
                raise Away(_reason(result["status"], result))
        return [place for place, result in enumerate(results) if result["status"] not in TAKEN]

    def _add_halves(self, documents: list[tuple[str, bytes]]) -> list[int]:
        """A request that is refused as a whole, until it is known for which document."""
        if len(documents) == 1:
            return [0]
        middle = len(documents) // 2
        return self.add(documents[:middle]) + [middle + place for place in self.add(documents[middle:])]

    def _require(self, method: str, path: str, body: object = None) -> Any:
        status, answer = self._ask(method, path, body)
        if status != 200:
            raise Away(_reason(status, answer))
        return answer

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        sent = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        try:
            response = self._pool.request(method, f"{self._base}{path}", body=sent)
        except urllib3.exceptions.HTTPError as error:
            raise Away(type(error).__name__) from error
        try:
            return response.status, orjson.loads(response.data)
        except orjson.JSONDecodeError:
            return response.status if response.status != 200 else 502, {}


def _reason(status: int, answer: Any) -> str:
    """``503 cluster_block_exception``, as far as the answer says."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return f"{status} {error.get('type', '')}".strip() if isinstance(error, dict) else str(status)
