"""The suite's public API as the importer needs it: find, create, update, publish."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx

from apps.core import http
from apps.core.states import NOT_RETIRED
from apps.importer.auth import BearerAuth
from apps.importer.model import Kind
from apps.importer.problem import Problem, Unreachable

type Json = dict[str, Any]

PATHS = {
    Kind.CHARACTERISTIC: "/api/v1/characteristics",
    Kind.SPECIFICATION: "/api/v1/specifications",
    Kind.PRICE: "/api/v1/prices",
    Kind.CATEGORY: "/api/v1/categories",
    Kind.CATALOG: "/api/v1/catalogs",
    Kind.OFFERING: "/api/v1/offerings",
}
_PAGE = 200
_COME_AGAIN = {429, 502, 503, 504}


class SuiteClient:
    """Thread-safe. ``patience`` is how many seconds an answer that asks to come again is waited out."""

    def __init__(self, url: str, username: str, password: str, *, patience: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        tls = httpx.create_ssl_context()
        self._auth = BearerAuth(self.url, username, password, tls=tls)
        self._http = http.client(
            trust_env=http.is_far(self.url),
            base_url=self.url,
            auth=self._auth,
            verify=tls,
            timeout=httpx.Timeout(30.0, connect=5.0),
        )
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self._stop.set()
        self._http.close()
        self._auth.close()

    def sign_in(self) -> None:
        """Raises ``SignInRefused`` or ``Unreachable``; everything else signs in by itself when it must."""
        self._auth.sign_in()

    def find(self, kind: Kind, **filters: str) -> list[Json]:
        """The resources that match ``external_id=`` or ``name=`` exactly; at most two are looked at. Retired offerings
        count when there are no others."""
        alive = {"lifecycle_status": NOT_RETIRED} if kind is Kind.OFFERING else {}
        found = self._found(kind, {**filters, **alive})
        return found if found or not alive else self._found(kind, filters)

    def _found(self, kind: Kind, filters: Mapping[str, str | Sequence[str]]) -> list[Json]:
        return self._list(self._read(PATHS[kind], params={**filters, "limit": "2"}), kind)

    def every(self, kind: Kind, *, at_most: int) -> list[Json] | None:
        """All resources of a kind; None when there are more than ``at_most``."""
        rows: dict[str, Json] = {}
        while True:
            query = {"limit": str(_PAGE), "offset": str(len(rows)), "ordering": "created_at"}
            response = self._patiently(partial(self._send, "GET", PATHS[kind], params=query))
            page = self._list(self._json(response), kind)
            rows |= {row["id"]: row for row in page}
            if int(response.headers.get("X-Total-Count", len(rows))) > at_most:
                return None
            if len(page) < _PAGE:
                return list(rows.values())

    def create(self, kind: Kind, body: Json) -> Json:
        return self._object(self._json(self._send("POST", PATHS[kind], json=body)))

    def update(self, kind: Kind, identifier: str, version: int, changes: Json) -> Json:
        """Change some fields of the version that was seen; a ``Problem`` 412 when there is a newer one."""
        headers = {"If-Match": f'"{version}"'}
        path = f"{PATHS[kind]}/{identifier}"
        return self._object(self._json(self._send("PATCH", path, json=changes, headers=headers)))

    def publish(self, offering: str) -> str:
        """Ask for publication; the answer is the path of the publication to follow."""
        response = self._send("POST", f"{PATHS[Kind.OFFERING]}/{offering}/publish")
        location = response.headers.get("Location", "")
        return httpx.URL(location).path

    def publications(self, offering: str) -> list[Json]:
        """The attempts to publish an offering."""
        found = self._read(f"{PATHS[Kind.OFFERING]}/{offering}/publications")
        return found if isinstance(found, list) else []

    def publication(self, path: str) -> Json:
        return self._object(self._read(path))

    def delays(self) -> Iterator[bool]:
        """Pauses that grow, with jitter; no more when the patience is used up or the client is closed."""
        end, pause = time.monotonic() + self.patience, 0.25
        while time.monotonic() < end and not self._stop.is_set():
            self._stop.wait(min(pause * random.uniform(0.7, 1.3), max(0.0, end - time.monotonic())))  # noqa: S311
            pause = min(pause * 2, 5.0)
            yield True

    def _read(self, path: str, **options: Any) -> Any:
        """A GET, repeated while it asks to come again."""
        return self._patiently(lambda: self._json(self._send("GET", path, **options)))

    def _patiently[T](self, call: Callable[[], T]) -> T:
        delays = self.delays()
        while True:
            try:
                return call()
            except Unreachable:
                if not next(delays, False):
                    raise

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, once. ``Unreachable`` leaves open whether a write happened."""
        try:
            response = self._http.request(method, path, **options)
        except httpx.RequestError as error:
            raise Unreachable(f"{self.url} does not answer: {error}") from error
        if response.status_code in _COME_AGAIN:
            raise Unreachable(Problem.of(response).message)
        if not response.is_success:
            raise Problem.of(response)
        return response

    @staticmethod
    def _json(response: httpx.Response) -> Any:
        """What a success says; a proxy may have answered it in the suite's place."""
        try:
            return response.json()
        except ValueError:
            asked = f"{response.request.method} {response.request.url.path}"
            what = f"HTTP {response.status_code}, {response.headers.get('Content-Type', 'of no type')}"
            raise Problem(
                response.status_code, f"{asked} was answered with something that is no JSON ({what})."
            ) from None

    @staticmethod
    def _list(answer: Any, kind: Kind) -> list[Json]:
        if not isinstance(answer, list):
            raise Problem(200, f"{PATHS[kind]} does not answer with a list.")
        return answer

    @staticmethod
    def _object(answer: Any) -> Json:
        if not isinstance(answer, dict) or "id" not in answer:
            raise Problem(200, "The suite answered with something that is no resource.")
        return answer
