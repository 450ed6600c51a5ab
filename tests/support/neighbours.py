"""Other services as this one sees them: a real HTTP server that answers what a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from config.services import SERVICES


@dataclass
class Asked:
    """One request that arrived."""

    service: str
    path: str
    query: dict[str, list[str]]
    authorization: str


@dataclass
class _Reply:
    """An answer, to what is asked with these parameters."""

    to: dict[str, str]
    answer: tuple[int, Any, dict[str, str]]


@dataclass
class Neighbours:
    """``answers(service, path, body)`` and ``down(service)`` say how they behave; ``asked`` what they were asked.

    ``meanwhile`` is done after a question and before its answer.
    ``service_token`` is what identity gives out; after ``rotates_keys`` all but a new one are refused with 401.
    """

    address: str
    asked: list[Asked] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    service_token: str = "a-service-token"
    _rotated: bool = False
    _answers: dict[tuple[str, str], list[_Reply]] = field(default_factory=dict)
    _down: set[str] = field(default_factory=set)

    def answers(
        self,
        service: str,
        path: str,
        body: Any,
        *,
        status: int = 200,
        total: int | None = None,
        to: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """From now on; with ``to`` only what is asked with these parameters."""
        count = total if total is not None else len(body) if isinstance(body, list) else 1
        reply = _Reply(dict(to), (status, body, {"X-Total-Count": str(count)}))
        others = [one for one in self._answers.get((service, path), []) if one.to != reply.to]
        self._answers[service, path] = [reply, *others]
        self._down.discard(service)

    def down(self, service: str) -> None:
        self._down.add(service)

    def up(self, service: str) -> None:
        self._down.discard(service)

    def rotates_keys(self, service_token: str) -> None:
        self.service_token, self._rotated = service_token, True

    def reply(self, asked: Asked) -> tuple[int, Any, dict[str, str]] | None:
        """None: hang up without an answer."""
        self.meanwhile()
        if asked.service in self._down:
            return None
        if self._rotated and asked.authorization != f"Bearer {self.service_token}":
            return 401, {"detail": "The token is signed with an unknown key."}, {}
        fitting = (
            one.answer
            for one in self._answers.get((asked.service, asked.path), [])
            if all(asked.query.get(name) == [value] for name, value in one.to.items())
        )
        return next(fitting, (404, {"detail": "nobody said what to answer"}, {}))


class Server(ThreadingHTTPServer):
    """A page asks all services at once: five that wait to be let in, the usual, are too few."""

    request_queue_size = 64


@contextmanager
def serving() -> Iterator[Neighbours]:
    """All services at once, each below ``/<service>`` of one address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            _, service, path = url.path.split("/", 2)
            asked = Asked(service, f"/{path}", parse_qs(url.query), self.headers.get("Authorization", ""))
            neighbours.asked.append(asked)
            self._answer(neighbours.reply(asked))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = {"access_token": neighbours.service_token, "token_type": "bearer", "expires_in": 300}
            self._answer((200, body, {}))

        def _answer(self, reply: tuple[int, Any, dict[str, str]] | None) -> None:
            if reply is None:
                self.close_connection = True
                return
            status, body, headers = reply
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    neighbours = Neighbours(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield neighbours
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def addresses(neighbours: Neighbours) -> dict[str, str]:
    """The environment that makes the suite find its neighbours here."""
    return {f"{name.upper()}_URL": f"{neighbours.address}/{name}" for name in SERVICES}
