"""A service that is dead, slow or broken, and a client that leaves: told apart, told quickly, and survived."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from time import monotonic

import httpx
import pytest

from catalog_services.gateway.edge import breaker
from config.services import SERVICES
from config.settings.language import LANGUAGE_COOKIE_NAME
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import TIMEOUT, Upstream
from tests.support.waiting import eventually

PATH = "/api/v1/prices"
NAMES = [name for name in SERVICES if name != "gateway"]


def assert_problem(answer: httpx.Response, status: int, *, retry: bool) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["correlation_id"] == answer.headers["x-correlation-id"]
    assert ("retry-after" in answer.headers) is retry
    if retry:
        assert int(answer.headers["retry-after"]) >= 1


@contextmanager
def dying() -> Iterator[str]:
    """A service that takes one request and dies of it; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        connection.recv(65_536)
        listener.close()
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(TIMEOUT)


def test_a_dead_service_is_503_with_retry_after_and_the_others_go_on(
    gateway: Gateway, upstream: Upstream
) -> None:
    client = gateway()
    upstream.stop()
    assert_problem(client.get(PATH), 503, retry=True)
    assert client.get("/health").status_code == 200
    upstream.start()


HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_a_content_type_that_cannot_be_read_costs_no_answer(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway()
    unreadable = {"Content-Type": "text/html; x*=foo''%ff"}
    assert_problem(client.get("/nowhere", headers=unreadable), 415, retry=False)
    upstream.stop()
    page = client.get("/admin/pricing/price/", headers={**HTML, **unreadable})
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    upstream.start()


def test_a_browser_that_wants_a_page_gets_one_and_whoever_renews_a_part_of_it_a_problem(
    gateway: Gateway, upstream: Upstream
) -> None:
    client = gateway()
    upstream.stop()
    for path in ("/admin/pricing/price/", "/ops/"):
        page = client.get(path, headers=HTML)
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert page.headers["x-correlation-id"] in page.text
        assert page.headers["cache-control"] == "no-store"
        assert_problem(client.get(path, headers={**HTML, "HX-Request": "true"}), 503, retry=True)
    assert_problem(client.get(PATH, headers=HTML), 503, retry=True)
    assert "sends what you typed again" in client.post("/admin/pricing/price/add/", headers=HTML).text
    upstream.start()


@pytest.mark.parametrize(
    ("asked", "cookie", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "", ("de", "Der Dienst antwortet gerade nicht")),
        ("fr", "", ("en", "The service does not answer just now")),
        ("de", "en", ("en", "The service does not answer just now")),
        ("en", "de", ("de", "Der Dienst antwortet gerade nicht")),
        ("en", "../<script>", ("en", "The service does not answer just now")),
    ],
)
def test_a_page_speaks_the_language_that_was_chosen_or_that_the_browser_prefers(
    gateway: Gateway, upstream: Upstream, asked: str, cookie: str, spoken: tuple[str, str]
) -> None:
    language, said = spoken
    client = gateway()
    upstream.stop()
    headers = {**HTML, "Accept-Language": asked, "Cookie": f"{LANGUAGE_COOKIE_NAME}={cookie}"}
    page = client.get("/admin/pricing/price/", headers=headers)
    assert page.status_code == 503
    assert f'<html lang="{language}">' in page.text
    assert said in page.text
    assert "The pricing service does not answer." in page.text
    assert f'<html lang="{language}">' in client.get("/", headers=headers).text
    problem = client.get(PATH, headers=headers).json()
    assert problem["title"] == "A part this needs is not available"
    upstream.start()


def test_a_form_that_is_too_large_is_a_page_in_ones_language(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(GATEWAY_MAX_FORM=1_000)
    headers = {**HTML, "Accept-Language": "de"}
    page = client.post("/admin/pricing/pricing/price/add/", content=b"x" * 1_001, headers=headers)
    assert (page.status_code, page.headers["connection"]) == (413, "close")
    assert "ist zu groß, nichts wurde gespeichert" in page.text


@pytest.mark.parametrize("path", ["/admin/logout/", "/admin/pricing/logout/"])
def test_who_signs_out_is_signed_out_in_this_browser_while_nobody_answers(
    gateway: Gateway, upstream: Upstream, path: str
) -> None:
    client = gateway()
    upstream.stop()
    answer = client.post(path, headers=HTML)
    assert answer.status_code == 503
    assert "You are signed out in this browser." in answer.text
    forgotten = answer.headers.get_list("set-cookie")
    assert len(forgotten) == 2
    assert all("Max-Age=0" in value for value in forgotten)
    assert "set-cookie" not in client.get(path, headers=HTML).headers
    assert "set-cookie" not in client.post("/admin/pricing/price/add/", headers=HTML).headers
    upstream.start()


def test_the_breaker_opens_then_lets_one_request_try_then_closes(
    gateway: Gateway, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = gateway(GATEWAY_BREAKER_FAILURES=3, GATEWAY_BREAKER_SECONDS=60)
    upstream.stop()
    for _ in range(3):
        assert client.get(PATH).status_code == 503
    upstream.start()
    assert_problem(client.get(PATH), 503, retry=True)
    assert upstream.service.requests == [], "an open breaker asks nobody"
    with monkeypatch.context() as later:
        later.setattr(breaker, "monotonic", lambda: monotonic() + 60)
        assert client.get(PATH).status_code == 200
    assert client.get(PATH).status_code == 200, "it is closed, also by a clock that would keep it open"


def test_a_half_open_breaker_lets_exactly_one_request_through(
    gateway: Gateway, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = gateway(
        GATEWAY_BREAKER_FAILURES=1,
        GATEWAY_BREAKER_SECONDS=60,
        GATEWAY_READ_TIMEOUTS=dict.fromkeys(NAMES, 1.0),
    )
    assert client.get(f"{PATH}/slow").status_code == 504
    monkeypatch.setattr(breaker, "monotonic", lambda: monotonic() + 60)
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda _: client.get(f"{PATH}/slow").status_code, range(8)))
    assert codes == [503] * 7 + [504]
    assert upstream.service.counts["slow"] == 2


def test_breakers_are_per_service(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(GATEWAY_BREAKER_FAILURES=1, GATEWAY_BREAKER_SECONDS=5)
    upstream.stop()
    assert client.get(PATH).status_code == 503
    upstream.start()
    assert client.get(PATH).status_code == 503
    assert client.get("/api/v1/offerings").status_code == 200


def test_a_slow_service_is_504_with_retry_after(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(GATEWAY_READ_TIMEOUTS=dict.fromkeys(NAMES, 0.3))
    started = monotonic()
    assert_problem(client.get(f"{PATH}/slow"), 504, retry=True)
    assert monotonic() - started < 4.5
    assert upstream.wait_cancelled(9), "the service is not kept busy for an answer that nobody takes"


def test_a_service_that_takes_no_connection_is_503_in_time(gateway: Gateway) -> None:
    with ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            one = sockets.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        client = gateway(GATEWAY_CONNECT_TIMEOUT=0.4, GATEWAY_UPSTREAMS=dict.fromkeys(NAMES, url))
        started = monotonic()
        assert_problem(client.get(PATH), 503, retry=True)
        assert monotonic() - started < 8


def test_a_broken_off_exchange_is_502_and_a_write_is_not_repeated(
    gateway: Gateway, upstream: Upstream
) -> None:
    assert_problem(gateway().post(f"{PATH}/drop", json={}), 502, retry=False)
    assert upstream.service.counts["drop"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_stale_connection_is_retried_where_the_second_answer_is_as_the_first(
    gateway: Gateway, upstream: Upstream, method: str
) -> None:
    answer = gateway().request(method, f"{PATH}/flaky", content=b"body" if method != "GET" else None)
    assert (answer.status_code, upstream.service.counts["flaky"]) == (200, 2)


@pytest.mark.parametrize(
    ("method", "conditions"), [("POST", {}), ("DELETE", {}), ("PUT", {"If-Match": '"3"'})]
)
def test_what_would_be_refused_for_its_own_first_time_is_sent_once(
    gateway: Gateway, upstream: Upstream, method: str, conditions: dict[str, str]
) -> None:
    answer = gateway().request(method, f"{PATH}/flaky", content=b"body", headers=conditions)
    assert_problem(answer, 502, retry=False)
    assert upstream.service.counts["flaky"] == 1


@pytest.mark.parametrize(("method", "retry"), [("GET", True), ("PUT", False), ("DELETE", False)])
def test_what_was_sent_to_a_service_that_then_died_is_not_called_unsent(
    gateway: Gateway, method: str, retry: bool
) -> None:
    """The second attempt finds nobody, but the first may have been done: 503 would say that it was not."""
    with dying() as url:
        answer = gateway(GATEWAY_UPSTREAMS=dict.fromkeys(NAMES, url)).request(method, PATH)
    assert_problem(answer, 502, retry=retry)


@pytest.mark.parametrize(("method", "retry"), [("GET", True), ("POST", False)])
def test_only_a_read_that_was_not_answered_in_time_is_told_to_come_again(
    gateway: Gateway, method: str, retry: bool
) -> None:
    client = gateway(GATEWAY_READ_TIMEOUTS=dict.fromkeys(NAMES, 0.2))
    assert_problem(client.request(method, f"{PATH}/slow"), 504, retry=retry)


def test_an_answer_that_breaks_off_breaks_off_here_too(gateway: Gateway) -> None:
    client = gateway()
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"{PATH}/half")
    assert client.get(PATH).status_code == 200


def test_a_client_that_leaves_ends_the_waiting_request(gateway: Gateway, upstream: Upstream) -> None:
    with socket.create_connection(("127.0.0.1", gateway().base_url.port)) as leaving:
        leaving.sendall(f"GET {PATH}/slow HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode())
        eventually(lambda: upstream.service.counts["slow"])
    assert upstream.wait_cancelled(9)


def test_a_client_that_leaves_ends_an_endless_answer(gateway: Gateway, upstream: Upstream) -> None:
    with gateway().stream("GET", f"{PATH}/endless") as answer:
        next(answer.iter_raw())
    assert upstream.wait_cancelled(9)


def test_a_client_that_leaves_says_nothing_about_the_service(gateway: Gateway) -> None:
    client = gateway(GATEWAY_BREAKER_FAILURES=1)
    with pytest.raises(httpx.ReadTimeout):
        client.get(f"{PATH}/slow", timeout=0.2)
    assert client.get(PATH).status_code == 200


def test_errors_a_service_reports_itself_do_not_open_its_breaker(gateway: Gateway) -> None:
    client = gateway(GATEWAY_BREAKER_FAILURES=1)
    assert [client.get("/api/v1/pricing/schema").status_code for _ in range(3)] == [500, 500, 500]
