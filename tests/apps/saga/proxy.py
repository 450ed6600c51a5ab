"""The real engine behind a line that a test can cut: answers lost, errors put in their place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

import requests

OPTIMISTIC = (500, b'{"type": "RestException", "message": "ENGINE-03005 Entity was updated concurrently."}')
Fault = Callable[[str], tuple[int, bytes] | None]
"""Given a path: the answer to give instead of asking the engine, or None."""


class EngineProxy:
    """``before``: consulted instead of the engine; ``after``: its answer replaces the engine's, whose work is done."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.before: Fault = lambda path: None
        self.after: Fault = lambda path: None
        self.paths: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.removeprefix("/engine-rest")
                proxy.paths.append(path)
                answer = proxy.before(path)
                if answer is None:
                    headers = {"Content-Type": self.headers.get("Content-Type", "application/json")}
                    response = requests.request(
                        self.command, f"{proxy._target}{path}", data=body, headers=headers, timeout=30
                    )
                    answer = proxy.after(path) or (response.status_code, response.content)
                self.send_response(answer[0])
                self.send_header("Content-Type", "application/json")
                if answer[0] != 204:
                    self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

            do_GET = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815 (http.server's names)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{urlsplit(target).path}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def times(count: int, suffix: str, answer: tuple[int, bytes]) -> Fault:
    """``answer`` for the first ``count`` requests whose path ends with ``suffix``."""
    left = [count]

    def fault(path: str) -> tuple[int, bytes] | None:
        if path.endswith(suffix) and left[0]:
            left[0] -= 1
            return answer
        return None

    return fault
