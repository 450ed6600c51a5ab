"""Cross-origin reading of the API for the origins in settings; never for the admin, which lives on cookies."""

from __future__ import annotations

from collections.abc import Collection

from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Headers, Scope, Send

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
REQUEST_HEADERS = (
    b"Authorization, Content-Type, If-Match, If-None-Match, Prefer, X-Correlation-ID, traceparent, tracestate"
)
EXPOSED = (
    b"ETag, Link, Location, Preference-Applied, Retry-After, X-Correlation-ID, X-Result-Count, X-Total-Count"
)
MAX_AGE = b"600"


class Cors:
    """``origins``: exact origins (scheme, host, port) that a browser may read the API from."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origin.rstrip("/").encode() for origin in origins)

    def headers_for(self, scope: Scope) -> Headers:
        """What an answer to this request carries so that its origin may read it."""
        if not self._origins or not scope["path"].startswith("/api/"):
            return []
        origin = headers.first(scope["headers"], b"origin")
        if origin not in self._origins:
            return [(b"vary", b"Origin")]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED),
            (b"vary", b"Origin"),
        ]

    def is_preflight(self, scope: Scope) -> bool:
        """Whether an allowed origin asks beforehand; ``answer_preflight`` is for these."""
        return (
            scope["method"] == "OPTIONS"
            and len(self.headers_for(scope)) > 1
            and bool(headers.first(scope["headers"], b"access-control-request-method"))
        )

    async def answer_preflight(self, send: Send, added: Headers) -> int:
        """Answer a preflight request; returns the status sent."""
        answer = [
            *added,
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", MAX_AGE),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": answer})
        await send({"type": "http.response.body", "body": b""})
        return 204
