"""Every line of every process is one ECS JSON object, and no secret is in it."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import subprocess
import sys
from time import process_time
from typing import Any

import pytest
import structlog
from hypothesis import example, given, strategies

from apps.core import correlation
from apps.observability import logging as ecs
from apps.observability import redaction
from config import env
from config.settings.observability import logging_config
from tests.support import planted
from tests.support.spans import remote_parent

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"


class Lines:
    """A logger of the suite and what it wrote."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(ecs.formatter(service="pricing"))
        self.stdlib = logging.getLogger("tests.lines")
        self.stdlib.handlers[:] = [handler]
        self.stdlib.propagate = False
        self.stdlib.setLevel(logging.INFO)
        ecs.configure()
        self.log = structlog.stdlib.get_logger("tests.lines")

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def one(self) -> dict[str, Any]:
        (line,) = self.text.splitlines()
        parsed: dict[str, Any] = json.loads(line)
        return parsed


@pytest.fixture
def lines() -> Lines:
    return Lines()


def test_a_line_has_the_ecs_fields_and_what_the_caller_said(lines: Lines) -> None:
    with correlation.bound("click-1"), remote_parent(f"00-{TRACE}-{SPAN}-01"):
        lines.log.info("price locked", price="7", actor="maria", **{"url.path": "/x"})
    found = lines.one
    assert found["message"] == "price locked"
    assert found["log.level"] == "info"
    assert found["service.name"] == "pricing"
    assert found["correlation_id"] == "click-1"
    assert found["actor"] == "maria"
    assert (found["trace.id"], found["span.id"]) == (TRACE, SPAN)
    assert found["labels.price"] == "7"
    assert found["url.path"] == "/x"
    assert found["ecs.version"]
    assert found["@timestamp"].endswith("Z")


def test_the_standard_librarys_loggers_write_the_same_lines(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="click-2", actor="maria"):
        lines.stdlib.warning("%s is %d", "retry", 3, extra={"queue": "pricing.events"})
    found = lines.one
    assert found["message"] == "retry is 3"
    assert (found["correlation_id"], found["actor"]) == ("click-2", "maria")
    assert found["labels.queue"] == "pricing.events"


@pytest.mark.parametrize("kind", ["structlog", "stdlib"])
def test_an_exception_is_told_by_type_message_and_stack(lines: Lines, kind: str) -> None:
    try:
        raise ValueError("no such price")
    except ValueError:
        (lines.log if kind == "structlog" else lines.stdlib).exception("failed")
    found = lines.one
    assert found["error.type"] == "ValueError"
    assert found["error.message"] == "no such price"
    assert "test_logging.py" in found["error.stack_trace"]


def test_a_line_break_cannot_forge_a_line(lines: Lines) -> None:
    lines.log.info('x\n{"message": "forged"}', name="a\r\nb")
    assert lines.one["message"].startswith("x\n")


def test_nothing_that_is_logged_can_break_the_line(lines: Lines) -> None:
    class Odd:
        def __repr__(self) -> str:
            return "odd"

    lines.log.info("odd", thing=Odd(), keys={("a", 1): 2}, number=float("nan"), bytes=b"\xff", many={1, 2})
    assert lines.one["labels.thing"] == "odd"


@pytest.mark.parametrize(
    "name",
    [
        *("password", "Password", "db_password", "passwd", "authorization", "Authorization", "access_token"),
        *("refresh_token", "client_secret", "Cookie", "set-cookie", "api_key", "X-Api-Key"),
        *("credentials", "private_key", "passphrase"),
    ],
)  # fmt: skip
def test_a_secret_is_masked_by_its_name_at_any_depth(lines: Lines, name: str) -> None:
    lines.log.info(
        "x", **{name: "planted-1"}, deep={"a": [{name: "planted-2"}]}, pairs=({name: "planted-3"},)
    )
    lines.stdlib.info("y", extra={"form": {name: "planted-4"}})
    assert "planted" not in lines.text
    assert redaction.MASK in lines.text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi_jkl", "abc.def"),
        ("header 'authorization': 'Basic YWxpY2U6c2VjcmV0'", "YWxpY2U6"),
        (f"token was {JWT}", "c2lnbmF0dXJl"),
        ("redis://:hunter2-pw@127.0.0.1:6379/0", "hunter2-pw"),
        ("postgresql://catalog:hunter2-pw@db/pricing failed", "hunter2-pw"),
        ("POST /login?username=a&password=hunter2-pw", "hunter2-pw"),
        ('{"password": "hunter2-pw"}', "hunter2-pw"),
        ("client_secret=hunter2-pw, next", "hunter2-pw"),
        *((text, planted.SECRET) for text in planted.WORDS),
    ],
)
@pytest.mark.parametrize("where", ["message", "label", "exception", "argument"])
def test_a_secret_is_masked_by_its_look_wherever_it_stands(
    lines: Lines, text: str, secret: str, where: str
) -> None:
    match where:
        case "message":
            lines.log.info(text)
        case "label":
            lines.log.info("x", detail=text)
        case "argument":
            lines.stdlib.info("got %s", text)
        case _:
            try:
                raise RuntimeError(text)
            except RuntimeError:
                lines.log.exception("failed")
    assert secret not in lines.text
    assert json.loads(lines.text)
    assert secret not in redaction.scrubbed(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password: 'two words' was refused", "password: '[redacted]' was refused"),
        ('{"token": "two words", "id": 7}', '{"token": "[redacted]", "id": 7}'),
        ("ALTER ROLE a PASSWORD 'it''s'; SELECT 1", "ALTER ROLE a PASSWORD '[redacted]'; SELECT 1"),
        ("redis://:a/b@127.0.0.1:6379/0 is away", "redis://:[redacted]@127.0.0.1:6379/0 is away"),
        ("Cookie: a=b; c=d\nHost: x", "Cookie: [redacted]\nHost: x"),
        ("password=[redacted]", "password=[redacted]"),
        ("password=['[redacted]'], token=([redacted])", "password=['[redacted]'], token=([redacted])"),
        ("{'password': ['a', 'b'], 'id': 7}", "{'password': ['[redacted]'], 'id': 7}"),
        ("[('token', 'a'), ('name', 'b')]", "[('token', '[redacted]'), ('name', 'b')]"),
        ("Authorization: Token a\nHost: x", "Authorization: [redacted]\nHost: x"),
        (f"read {planted.KEY} from disk", "read [redacted] from disk"),
    ],
)
def test_what_is_no_part_of_a_secret_stays(lines: Lines, text: str, masked: str) -> None:
    lines.log.info(text)
    assert lines.one["message"] == masked
    assert redaction.scrubbed(text) == masked


@pytest.mark.parametrize("path", ["/-----BEGIN PRIVATE KEY-----", "/a-----BEGIN RSA PRIVATE KEY-----\\"])
def test_a_key_that_does_not_end_hides_no_more_than_the_text_that_it_is_in(lines: Lines, path: str) -> None:
    """Else anybody could keep a request out of the log by its path."""
    lines.log.info("request", **{"url.path": path, "http.response.status_code": 404, "user_agent": "x"})
    found = lines.one
    assert found["url.path"].endswith("[redacted]")
    assert (found["message"], found["http.response.status_code"]) == ("request", 404)
    assert found["labels.user_agent"] == "x"


@pytest.mark.parametrize(
    "text",
    [
        *("Basic Internet 100 Mbps", "http://127.0.0.1:8000/a@b", "mail to a@b.example", "5 GB"),
        *("not one of 'token', 'name'", "tokens=[] and {'passwords': {}}", "no authorization for 'anna'"),
        *("the session is over", "Wrong password for 'anna'", "no key: 7", "cookies are on"),
    ],
)
def test_ordinary_text_is_left_alone(lines: Lines, text: str) -> None:
    lines.log.info(text)
    assert lines.one["message"] == text


PIECES = [
    *("password", "token", "cookie", "api_key", "PASSWORD ", "://", "u:", "@", "=", ":", " ", "\n", "é", "x"),
    *('"', "'", "\\", "/", ",", ";", "{", "}", "]", "[redacted]", "bearer "),
    *("[", "(", ")", "b'", "', '", "('password'", "authorization"),
    *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----END "),
]


@given(strategies.text(max_size=300) | strategies.lists(strategies.sampled_from(PIECES)).map("".join))
@example("password=\n, token: \\")
def test_masking_keeps_every_line_valid_json(text: str) -> None:
    line = json.dumps({"m": text, "password": "x", "u": f"http://u:{text}@h", "list": [text, text]})
    assert json.loads(redaction.scrubbed(line))


def test_a_hostile_text_is_scrubbed_quickly() -> None:
    started = process_time()
    for text in (
        "password" * 20_000,
        "://" * 50_000,
        "a" * 200_000 + "token",
        "-----BEGIN PRIVATE KEY" * 5_000,
        "-----BEGIN PRIVATE KEY-----" * 5_000,
        "-----BEGIN PRIVATE KEY----------END " * 5_000,
        "eyJ" * 60_000,
        "://a:" * 20_000,
        "password 'a\\" * 20_000,
        'token="' * 20_000,
        'token=\\"' + "\\" * 200_000,
        "cookie" * 30_000,
        "password=" + "[{(" * 50_000,
        "password=['" + "a', '" * 50_000,
        "('password'," * 20_000,
        "authorization: a " * 20_000,
    ):
        redaction.scrubbed(text)
    assert process_time() - started < 20, "quadratic would be minutes"


def _run(program: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, with what it wrote."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=env.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_celery_leaves_our_logging_alone() -> None:
    """A worker process: its own set-up of logging would replace the formatter."""
    program = """
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "catalog_services.gateway.settings"
import django; django.setup()
from celery import Celery
app = Celery("x", broker="memory://"); app.conf.worker_hijack_root_logger = False
app.log.setup(loglevel="INFO", redirect_stdouts=False)
import logging
from celery.utils.log import get_task_logger
get_task_logger("tasks").warning("from a task", extra={"password": "planted"})
"""
    done = _run(program)
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["message"] == "from a task"
    assert "planted" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_the_settings_take_over_the_servers_loggers() -> None:
    configured = logging_config("pricing")["loggers"]
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "gunicorn.error"):
        assert configured[name]["propagate"]
        assert configured[name]["handlers"] == []


def test_what_django_says_of_an_answer_is_a_line_only_with_a_traceback_and_never_the_query() -> None:
    program = """
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "catalog_services.pricing.settings"
import django; django.setup()
import logging
from django.test import RequestFactory
from django.utils.log import log_response
from django.http import HttpResponse
request = RequestFactory().get("/health/ready?q=planted")
log_response("Service Unavailable: %s", request.path, response=HttpResponse(status=503), request=request)
error = ValueError("what failed")
log_response("%s", request.path, response=HttpResponse(status=500), request=request, exception=error)
"""
    done = _run(program)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["message"], line["error.message"]) == ("/health/ready", "what failed")
    assert "planted" not in done.stdout
