"""The proxy passes on what it got, byte for byte, and nothing that it must not."""

from __future__ import annotations

import json

import hypothesis
import pytest
from hypothesis import HealthCheck, given, strategies

from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream, raw

PATH = "/api/v1/prices"


@pytest.fixture
def open_gateway(gateway: Gateway) -> int:
    """The port of one gateway for many requests."""
    return gateway().base_url.port or 0


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: shop.example", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/prices?tag=a&tag=b&tag=a",
        "/api/v1/prices?q=%2Fa%20b+c&empty=&flag",
        "/api/v1/prices/a%2Fb%3Fc",
        "/api/v1/prices/a//b/./c/../d",
        "/api/v1/prices/%C3%A9%zz",
        "/api/v1/prices?u=http://x/y?z&e=%E2%82%AC",
    ],
)
def test_path_and_query_arrive_byte_for_byte(gateway: Gateway, upstream: Upstream, target: str) -> None:
    raw(gateway().base_url.port or 0, get(target))
    assert upstream.service.last.raw_path == target


@hypothesis.settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    path=strategies.text(
        strategies.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="?#"), max_size=40
    ),
    query=strategies.text(
        strategies.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#"), max_size=40
    ),
)
def test_any_printable_target_arrives_byte_for_byte(
    open_gateway: int, upstream: Upstream, path: str, query: str
) -> None:
    target = f"/api/v1/prices/x{path}{'?' + query if query else ''}"
    answer = raw(open_gateway, get(target))
    if answer.status != 404:  # the path may end in the name of one of the service's other behaviours
        assert upstream.service.last.raw_path == target


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_and_its_body_arrive(gateway: Gateway, upstream: Upstream, method: str) -> None:
    answer = gateway().request(
        method, PATH, content=b'{"a": "\xc3\xa9"}', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 200
    assert upstream.service.last.method == method
    assert upstream.service.last.body == b'{"a": "\xc3\xa9"}'
    assert upstream.service.last.header("content-type") == "application/json"


def test_head_has_the_headers_and_no_body(gateway: Gateway) -> None:
    answer = gateway().head(PATH)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


def test_a_post_without_a_body_stays_one(gateway: Gateway, upstream: Upstream) -> None:
    gateway().post("/api/v1/prices/7/lock")
    assert upstream.service.last.body == b""
    assert upstream.service.last.all("transfer-encoding") == []


def test_a_chunked_body_arrives_with_the_length_that_wsgi_needs(gateway: Gateway, upstream: Upstream) -> None:
    gateway().post(PATH, content=iter([b"one,", b"two,", b"three"]))
    assert upstream.service.last.body == b"one,two,three"
    assert upstream.service.last.header("content-length") == "13"
    assert upstream.service.last.all("transfer-encoding") == []


def test_hop_by_hop_headers_end_here_in_both_directions(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway()
    sent = get(
        "/api/v1/prices/many",
        "Connection: keep-alive, X-Secret-Hop",
        "X-Secret-Hop: 1",
        "Keep-Alive: timeout=9",
        "TE: trailers",
        "Upgrade: h2c",
        "Proxy-Authorization: Basic Zm9v",
        "X-Kept: 1",
    )
    answer = raw(client.base_url.port or 0, sent)
    arrived = {name.lower() for name, _ in upstream.service.last.headers}
    assert not arrived & {
        "x-secret-hop",
        "keep-alive",
        "te",
        "upgrade",
        "proxy-authorization",
        "transfer-encoding",
    }
    assert "x-kept" in arrived
    assert answer.headers["X-Private"] is None
    assert answer.headers["Keep-Alive"] is None


def test_calling_a_header_hop_by_hop_does_not_take_it_from_the_service(
    gateway: Gateway, upstream: Upstream
) -> None:
    raw(
        gateway().base_url.port or 0,
        get(PATH, "Connection: close, Authorization, X-Forwarded-For, Cookie", "Authorization: Bearer abc"),
    )
    assert upstream.service.last.header("authorization") == "Bearer abc"
    assert upstream.service.last.header("x-forwarded-for") == "127.0.0.1"


def test_repeated_answer_headers_and_any_status_come_back(gateway: Gateway) -> None:
    answer = gateway().get("/api/v1/prices/many")
    assert answer.status_code == 418
    assert answer.headers.get_list("x-seen") == ["one", "two"]
    assert answer.content == b"pot"


def test_host_stays_and_forged_forwarding_headers_are_replaced(gateway: Gateway, upstream: Upstream) -> None:
    raw(
        gateway().base_url.port or 0,
        get(
            PATH,
            "X-Forwarded-For: 6.6.6.6",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil.example",
            "X_Forwarded_For: 6.6.6.6",
            "Forwarded: for=6.6.6.6",
            "X-Real-IP: 6.6.6.6",
        ),
    )
    last = upstream.service.last
    assert last.all("host") == ["shop.example"]
    assert last.all("x-forwarded-for") == ["127.0.0.1"]
    assert last.all("x-forwarded-proto") == ["http"]
    assert last.all("x-forwarded-host") == ["shop.example"]
    assert "6.6.6.6" not in json.dumps(last.headers)


def test_a_trusted_proxy_is_believed(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(GATEWAY_TRUSTED_PROXIES=["127.0.0.0/8"])
    raw(
        client.base_url.port or 0,
        get(PATH, "X-Forwarded-For: 6.6.6.6, nonsense, 7.7.7.7", "X-Forwarded-Proto: https"),
    )
    assert upstream.service.last.header("x-forwarded-for") == "7.7.7.7"
    assert upstream.service.last.header("x-forwarded-proto") == "https"


def test_authorization_passes_untouched(gateway: Gateway, upstream: Upstream) -> None:
    gateway().get(PATH, headers={"Authorization": "Bearer not.even.signed"})
    assert upstream.service.last.header("authorization") == "Bearer not.even.signed"


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(
            get(PATH, "Content-Length: 4", "Transfer-Encoding: chunked", method="POST") + b"0\r\n\r\n", id="CL and TE"
        ),
        pytest.param(get(PATH, "Content-Length: 1", "Content-Length: 2", method="POST") + b"ab", id="two lengths"),
        pytest.param(get(PATH, "Content-Length: -1", method="POST"), id="negative length"),
        pytest.param(get(PATH, "Transfer-Encoding : chunked", method="POST") + b"0\r\n\r\n", id="space before colon"),
        pytest.param(get(PATH, "X-A: b\rX-Injected: 1"), id="bare CR"),
        pytest.param(get(PATH, "X-A: b\x00c"), id="NUL in a header"),
        pytest.param(f"GET {PATH} HTTP/1.1\r\n\r\n".encode(), id="no host"),
        pytest.param(get(PATH, "Host: other.example"), id="two hosts"),
        pytest.param(b"GET /api/v1/prices\xff HTTP/1.1\r\nHost: x\r\n\r\n", id="path not ASCII"),
        pytest.param(get(PATH, "X-Name: \xe9"), id="header not UTF-8"),
    ],
)  # fmt: skip
def test_ambiguous_http_is_refused_and_no_service_sees_it(
    gateway: Gateway, upstream: Upstream, request_bytes: bytes
) -> None:
    assert raw(gateway().base_url.port or 0, request_bytes).status == 400
    assert upstream.service.requests == []


def test_a_second_request_hidden_in_a_body_stays_a_body(gateway: Gateway, upstream: Upstream) -> None:
    hidden = b"GET /admin/ HTTP/1.1\r\nHost: x\r\n\r\n"
    request = get(PATH, f"Content-Length: {len(hidden)}", method="POST") + hidden
    assert raw(gateway().base_url.port or 0, request).status == 200
    assert [r.body for r in upstream.service.requests] == [hidden]


def test_an_encoded_line_break_stays_encoded(gateway: Gateway, upstream: Upstream) -> None:
    raw(gateway().base_url.port or 0, get("/api/v1/prices?x=%0d%0aX-Injected:1"))
    assert upstream.service.last.raw_path == "/api/v1/prices?x=%0d%0aX-Injected:1"
    assert upstream.service.last.all("x-injected") == []


def test_trace_is_refused(gateway: Gateway, upstream: Upstream) -> None:
    answer = raw(gateway().base_url.port or 0, get(PATH, method="TRACE"))
    assert answer.status == 405
    assert upstream.service.requests == []


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/pricesandmore", "/api/v2/prices", "//admin/"])
def test_an_unknown_path_is_a_404_problem(gateway: Gateway, upstream: Upstream, path: str) -> None:
    answer = raw(gateway().base_url.port or 0, get(path))
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["instance"] == path
    assert upstream.service.requests == []


def test_the_answer_is_passed_on_while_the_service_is_still_writing_it(
    gateway: Gateway, upstream: Upstream
) -> None:
    with gateway().stream("GET", "/api/v1/prices/trickle") as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"first"
        upstream.go_on()
        assert list(pieces) == [b"second"]


def test_an_early_answer_does_not_wait_for_the_whole_body(gateway: Gateway) -> None:
    answer = gateway(GATEWAY_MAX_BODY=50_000_000).post("/api/v1/prices/early", content=b"x" * 20_000_000)
    assert answer.status_code == 401


def test_websockets_are_refused(gateway: Gateway) -> None:
    answer = raw(
        gateway().base_url.port or 0,
        get(
            PATH,
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ),
    )
    assert answer.status == 403
