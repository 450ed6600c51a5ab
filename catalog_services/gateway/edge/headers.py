"""Which headers pass the gateway, in both directions (RFC 9110 section 7.6, RFC 9112 section 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from catalog_services.gateway.edge.asgi_types import Headers
from catalog_services.gateway.edge.errors import BadRequest

HOP_BY_HOP = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings"),
    }
)
FORWARDED = frozenset(
    {
        *(b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-prefix"),
        *(b"x-forwarded-proto", b"x-forwarded-server", b"x-forwarded-ssl", b"x-real-ip"),
    }
)
# The gateway says these itself; Expect is answered by its server.
_NOT_SENT_ON = HOP_BY_HOP | FORWARDED | {b"x-correlation-id", b"traceparent", b"expect"}
# uvicorn dates every answer; whose software a service runs on is nobody's business.
_NOT_RETURNED = HOP_BY_HOP | {b"x-correlation-id", b"date", b"server"}


def first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The first value of a header (lower-case ``name``); empty when there is none."""
    for key, value in headers:
        if key == name:
            return value
    return b""


def for_service(incoming: Headers, own: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """A request's headers as its service gets them: without hop-by-hop, forged and ambiguous ones, then ``own``.

    Names with an underscore are dropped: WSGI cannot tell ``X_Forwarded_For`` from ``X-Forwarded-For``.
    Raises ``BadRequest`` for a missing or second Host and for values that are not UTF-8.
    """
    refused = _refused(first(incoming, b"connection"))
    hosts = 0
    passed: list[tuple[str, str]] = []
    try:
        for name, value in incoming:
            if name == b"host":
                hosts += 1
            if name not in refused and b"_" not in name:
                passed.append((name.decode("ascii"), value.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise BadRequest(f"The header {name.decode('ascii', 'replace')} is not UTF-8.") from error
    if hosts != 1:
        raise BadRequest("A request needs exactly one Host header.")
    passed.extend(own)
    return passed


def for_client(headers: Iterable[tuple[bytes, bytes]], added: Headers) -> Headers:
    """A service's answer headers as the client gets them, repeated ones kept, then ``added``."""
    passed: Headers = []
    named: set[bytes] = set()
    for name, value in headers:
        lowered = name.lower()
        if lowered == b"connection":
            named = _named_by(value)
        elif lowered not in _NOT_RETURNED:
            passed.append((lowered, value))
    if named:
        passed = [pair for pair in passed if pair[0] not in named]
    passed.extend(added)
    return passed


@lru_cache(maxsize=256)
def _refused(connection: bytes) -> frozenset[bytes]:
    """What does not go to a service of a request with this Connection header."""
    return _NOT_SENT_ON.union(_named_by(connection))


def _named_by(connection: bytes) -> set[bytes]:
    """Headers that a Connection header's value declares to be for this hop only."""
    named = {token.strip() for token in connection.lower().split(b",")}
    # Nobody may have what the suite relies on taken away by calling it hop-by-hop.
    return named - {b"host", b"authorization", b"cookie", b"content-length", b"content-type"}
