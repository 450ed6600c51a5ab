"""Publishing what was imported, members before their bundles, and waiting for each outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.importer.auth import SignInRefused
from apps.importer.client import Json, SuiteClient
from apps.importer.model import Kind
from apps.importer.order import waves
from apps.importer.problem import Problem, Unreachable
from apps.importer.results import Publishing, Result, Results

THREADS = 8
_PUBLISHED, _FAILED = {"CONFIRMED", "DONE"}, {"FAILED", "UNDO_FAILED"}
_CONFLICT = 409


class Publish:
    """Publishes the offerings of one import; ``timeout`` is how long one publication is waited for."""

    def __init__(
        self, client: SuiteClient, *, progress: Callable[[Result], None], timeout: float = 120.0
    ) -> None:
        self.client = client
        self.progress = progress
        self.timeout = timeout
        self._published: dict[str, bool] = {}

    def run(self, results: Results) -> None:
        """Set ``publishing`` and its message on every offering's result."""
        offerings = {
            result.item.identity: result for result in results.items if result.item.kind is Kind.OFFERING
        }
        with ThreadPoolExecutor(THREADS) as pool:
            for wave in waves([result.item for result in offerings.values()]):
                list(pool.map(self._one, [offerings[item.identity] for item in wave]))

    def _one(self, result: Result) -> None:
        result.publishing, result.publishing_message = self._outcome(result)
        published = result.publishing in {Publishing.PUBLISHED, Publishing.ALREADY}
        self._published[result.item.external_id] = published
        self.progress(result)

    def _outcome(self, result: Result) -> tuple[Publishing, str]:
        if not result.usable or not result.id:
            return Publishing.NOT_ASKED, ""
        if result.status == "PUBLISHED":
            return Publishing.ALREADY, ""
        if not result.item.publish:
            draft = Publishing.DRAFT, "Its lifecycleStatus is not Active."
            return draft if result.status == "DRAFT" else (Publishing.NOT_ASKED, "")
        if result.status == "RETIRED":
            return Publishing.FAILED, "It is retired; an import with --anew makes a new one."
        for ref in result.item.references():
            if ref.kind is Kind.OFFERING and not self._published.get(ref.key, True):
                return Publishing.FAILED, f"Its member {ref.name!r} is not published."
        try:
            return self._wait(self._start(result))
        except (Problem, SignInRefused, Unreachable) as error:
            return Publishing.FAILED, str(error)

    def _start(self, result: Result) -> str:
        """The path of the publication to wait for: a new one, or the one that runs already."""
        delays = self.client.delays()
        while True:
            try:
                return self.client.publish(result.id)
            except Unreachable:
                if running := self._running(result.id):
                    return running
                if not next(delays, False):
                    raise
            except Problem as problem:
                if problem.status == _CONFLICT and (running := self._running(result.id)):
                    return running
                raise

    def _running(self, offering: str) -> str:
        attempts = self.client.publications(offering)
        going_on = [attempt for attempt in attempts if attempt.get("state") not in _FAILED]
        return f"/api/v1/publications/{going_on[0]['id']}" if going_on else ""

    def _wait(self, path: str) -> tuple[Publishing, str]:
        end, pause = time.monotonic() + self.timeout, 0.3
        while True:
            publication = self.client.publication(path)
            state = publication.get("state")
            if state == "DONE":
                return Publishing.PUBLISHED, ""
            if state in _FAILED:
                return Publishing.FAILED, f"{state}: {_reason(publication)}"
            if time.monotonic() >= end:
                break
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)
        if state in _PUBLISHED:
            return Publishing.PUBLISHED, "It is published; the last steps of its publication still run."
        return Publishing.FAILED, f"After {self.timeout:.0f} s its publication is still {state}."


def _reason(publication: Json) -> str:
    failure: Any = publication.get("failure")
    if isinstance(failure, dict):
        failure = failure.get("reason") or failure.get("message") or failure.get("detail")
    return str(failure or "no reason was given")
