"""A plan into the suite: look at what is there, write the differences, wave by wave."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.core.states import RETIRED
from apps.importer.auth import SignInRefused
from apps.importer.client import Json, SuiteClient
from apps.importer.diff import Changes, differences
from apps.importer.existing import Existing
from apps.importer.model import BadItem, Item, Kind, Plan, Ref
from apps.importer.order import waves
from apps.importer.problem import Problem, Unreachable
from apps.importer.results import Outcome, Result, Results
from apps.importer.rules.adoption import adopt
from apps.importer.rules.characteristics import with_what_is_there
from apps.importer.rules.prices import name_kept

THREADS = 4
_SAID = {
    Outcome.FAILED: "failed",
    Outcome.SKIPPED: "was skipped",
    Outcome.CONFLICT: "is in conflict with what the suite has",
}
# Changed by somebody else meanwhile; locked by a publication.
_AGAIN = {412, 423}


class Apply:
    """Brings one plan into the suite; ``progress`` hears of each result from several threads."""

    def __init__(
        self,
        client: SuiteClient,
        existing: Existing,
        *,
        dry_run: bool,
        anew: bool,
        progress: Callable[[Result], None],
    ) -> None:
        self.client = client
        self.existing = existing
        self.dry_run = dry_run
        self.anew = anew
        self.progress = progress
        self._done: dict[tuple[Kind, str], Result] = {}
        self._elsewhere: dict[Ref, str] = {}
        self._lock = threading.Lock()

    def run(self, plan: Plan) -> Results:
        """Every item's result, in the order in which they were written. Nothing stops for one that fails."""
        results = Results(self.dry_run, failures=plan.failures)
        with ThreadPoolExecutor(THREADS) as pool:
            for wave in waves(plan.items):
                done = list(pool.map(self._item, wave))
                self._done.update((result.item.identity, result) for result in done)
                results.items.extend(done)
        return results

    def _item(self, item: Item) -> Result:
        try:
            result = self._bring(item)
        except (BadItem, Problem, SignInRefused, Unreachable) as error:
            result = Result(item, Outcome.FAILED, messages=[str(error)])
        self.progress(result)
        return result

    def _bring(self, item: Item) -> Result:
        if item.errors:
            return Result(item, Outcome.FAILED, messages=list(item.errors))
        if reason := item.blocked or self._missing_dependency(item):
            return Result(item, Outcome.SKIPPED, messages=[reason])
        body = self._resolved(item.body)
        delays = self.client.delays()
        fresh = False
        while True:
            # Each further round looks again, so a write whose answer was lost is not repeated.
            try:
                return self._converge(item, body, fresh=fresh)
            except Unreachable:
                if not next(delays, False):
                    raise
            except Problem as problem:
                if not (problem.status in _AGAIN or self._appeared(item, fresh)) or not next(delays, False):
                    raise
            fresh = True

    def _appeared(self, item: Item, fresh: bool) -> bool:
        """True when what was not there at the start is there now, so that creating it was refused."""
        if fresh:
            return False
        before, now = self._find(item, fresh=False), self._find(item, fresh=True)
        return now is not None and (before is None or before["id"] != now["id"])

    def _missing_dependency(self, item: Item) -> str:
        for ref in item.references():
            result = self._done.get((ref.kind, ref.key))
            if result is not None and not result.usable:
                return f"It needs the {ref.kind} {result.item.name!r}, which {_SAID[result.outcome]}."
        return ""

    def _converge(self, item: Item, body: Json, *, fresh: bool) -> Result:
        current = self._find(item, fresh=fresh)
        if current is None:
            return self._create(item, body)
        if item.kind is Kind.CHARACTERISTIC:
            body = with_what_is_there(body, current)
        if item.kind is Kind.PRICE:
            kept = name_kept(body["name"], item.owner, item.external_id, current["name"])
            body = body | {"name": item.assumptions.take(kept)}
        missing = {field: value for field, value in item.initial.items() if not current.get(field)}
        wanted, conflict = self._adopted(item, body | missing, current)
        status = current.get("lifecycle_status", "")
        if conflict:
            return Result(item, Outcome.CONFLICT, messages=[conflict])
        if status == RETIRED and item.publish and self.anew:
            return self._create(item, body)
        changes = differences(wanted, current)
        if conflict := _conflict(item, status, changes):
            return Result(item, Outcome.CONFLICT, current["id"], status, changes, [conflict])
        if not changes or status == RETIRED:
            return Result(item, Outcome.UNCHANGED, current["id"], status)
        if not self.dry_run:
            new = {field: value for field, (_, value) in changes.items()}
            current = self.client.update(item.kind, current["id"], current["version"], new)
        return Result(item, Outcome.UPDATED, current["id"], status, changes)

    def _create(self, item: Item, body: Json) -> Result:
        if self.dry_run:
            return Result(item, Outcome.CREATED)
        created = self.client.create(item.kind, body | item.initial)
        return Result(item, Outcome.CREATED, created["id"], created.get("lifecycle_status", ""))

    def _find(self, item: Item, *, fresh: bool) -> Json | None:
        return self.existing.find(item.kind, item.external_id, item.body["name"], fresh=fresh)

    @staticmethod
    def _adopted(item: Item, body: Json, current: Json) -> tuple[Json, str]:
        """The wanted body with the external id that it is to have, or why there is a conflict."""
        if current.get("external_id") == item.external_id:
            return body, ""
        ruling = adopt(item.kind, item.external_id, current)
        if ruling.value is None:
            return body, ruling.text
        item.assumptions.take(ruling)
        return body | {"external_id": ruling.value}, ""

    def _resolved(self, value: Any) -> Any:
        """A body, or a part of it, with ids in the place of references."""
        if isinstance(value, Ref):
            return self._identifier(value)
        if isinstance(value, dict):
            return {key: self._resolved(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._resolved(member) for member in value]
        return value

    def _identifier(self, ref: Ref) -> str:
        result = self._done.get((ref.kind, ref.key))
        if result is not None:
            return result.id or f"(new) {result.item.name}"
        with self._lock:
            known = self._elsewhere.get(ref)
        if known is None:
            known = self._look_up(ref)
            with self._lock:
                self._elsewhere[ref] = known
        return known

    def _look_up(self, ref: Ref) -> str:
        """The id of something that only the suite has; ``BadItem`` when it has none, or several."""
        for external_id in ref.candidates:
            if found := self.client.find(ref.kind, external_id=external_id):
                return str(found[0]["id"])
        named = self.client.find(ref.kind, name=ref.name) if ref.name else []
        if len(named) == 1:
            return str(named[0]["id"])
        if named:
            raise BadItem(
                f"The suite has several of the name {ref.name!r} that a reference to a {ref.kind} may mean."
            )
        raise BadItem(f"Neither this import nor the suite has the {ref.label}.")


def _conflict(item: Item, status: str, changes: Changes) -> str:
    """Why an offering that is no draft any more cannot become what its source says; empty when it need not."""
    if status in {"PUBLISHING", "PUBLISHED"} and not item.publish:
        return f"It is {status}, but its lifecycleStatus {item.lifecycle!r} says that it is not for sale: retire it."
    if not changes or status in {"", "DRAFT"} or not item.publish:
        return ""
    cure = "" if status == RETIRED else "retire it, and "
    fields = ", ".join(changes)
    return f"It is {status} and can no longer be changed ({fields}); {cure}an import with --anew makes a new one."
