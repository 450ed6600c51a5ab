"""What another service holds, asked page by page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.access import service_token
from apps.core.errors import Unavailable
from apps.references.digests import digest_pages

GOOD = {"auth": "Bearer token-of-the-store"}


class _Digest(BaseHTTPRequestHandler):
    """Three prices in pages of two, for who has the token."""

    ids = ("1", "2", "3")

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        after = query.get("after", [""])[0]
        page = [{"id": id, "version": 1, "hash": "h"} for id in self.ids if id > after][:2]
        allowed = self.headers["Authorization"] == GOOD["auth"]
        self.send_response(200 if allowed and self.path.startswith("/api/v1/pricing/digest?") else 403)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(page).encode())

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def pricing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pricing service that has nothing but a digest."""
    server = HTTPServer(("127.0.0.1", 0), _Digest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PRICING_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(service_token, "bearer_for_service", lambda: GOOD["auth"].split()[1])
    yield
    server.shutdown()
    server.server_close()


def test_digests_are_read_page_by_page_with_the_services_own_token(
    pricing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [[e["id"] for e in page] for page in digest_pages("pricing", "Price")] == [["1", "2"], ["3"]]
    monkeypatch.setattr(service_token, "bearer_for_service", lambda: "other")
    with pytest.raises(Unavailable, match="Forbidden"):
        list(digest_pages("pricing", "Price"))


def test_a_service_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICING_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(service_token, "bearer_for_service", lambda: "x")
    with pytest.raises(Unavailable, match="pricing"):
        list(digest_pages("pricing", "Price"))
