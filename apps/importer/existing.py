"""What the suite has already: read once at the start where that is little, asked for item by item where it is much."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from apps.core.states import RETIRED
from apps.importer.client import Json, SuiteClient
from apps.importer.model import Kind
from apps.importer.rules.adoption import UNIQUE_NAMES

# Up to this many resources of a kind are read at once: five requests, in place of one or two for each item.
AT_ONCE = 1000


class Existing:
    """Finds the resource that an item may already be.

    What was read at the start is only where to look first: a writer checks with ``fresh`` before it trusts
    that something is not there.
    """

    def __init__(self, client: SuiteClient) -> None:
        self.client = client
        self._by_external_id: dict[Kind, dict[str, Json]] = {}
        self._by_name: dict[Kind, dict[str, Json]] = {}

    def read(self, kinds: Iterable[Kind]) -> None:
        with ThreadPoolExecutor(len(Kind)) as pool:
            list(pool.map(self._read, kinds))

    def _read(self, kind: Kind) -> None:
        rows = self.client.every(kind, at_most=AT_ONCE)
        if rows is not None:
            # Of two with one external id the live one comes last, and stays.
            rows.sort(key=lambda row: row.get("lifecycle_status") != RETIRED)
            self._by_external_id[kind] = {row["external_id"]: row for row in rows if row.get("external_id")}
            self._by_name[kind] = {row["name"]: row for row in rows}

    def find(self, kind: Kind, external_id: str, name: str, *, fresh: bool = False) -> Json | None:
        """By external id; else by name, where names are unique. A retired offering when there is no other."""
        if kind in self._by_name and not fresh:
            found = self._by_external_id[kind].get(external_id)
            return found or (self._by_name[kind].get(name) if kind in UNIQUE_NAMES else None)
        rows = self.client.find(kind, external_id=external_id)
        if not rows and kind in UNIQUE_NAMES:
            rows = self.client.find(kind, name=name)
        return rows[0] if rows else None
