from __future__ import annotations

import json
from wsgiref.util import setup_testing_defaults

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from apps.core.middleware import ProblemMiddleware
from apps.core.requests import Wsgi
from tests.support.connections import connection_kept

UNREADABLE = [
    "text/html; x*=foo''%ff",
    "text/plain; charset*=utf-8''%00",
    *(
        f"text/plain; charset={name}"
        for name in ("rot13", "base64", "punycode", "undefined", "idna", "nonsense")
    ),
]


def asked(**environ):
    """The status, the headers and the body that the whole application answers a GET with."""
    environ = {"HTTP_HOST": "localhost", "PATH_INFO": "/health/live", **environ}
    setup_testing_defaults(environ)
    begun = []
    with connection_kept():
        body = b"".join(
            Wsgi()(environ, lambda status, headers: begun.append((int(status[:3]), dict(headers))))
        )
    return *begun[0], body


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nothing/0"])
def test_djangos_own_error_pages_are_problem_documents(path):
    response = Client().get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    body = response.json()
    assert (body["status"], body["instance"]) == (404, path)
    assert body["correlation_id"] == response["X-Correlation-ID"]


@pytest.mark.parametrize("content_type", UNREADABLE)
def test_a_content_type_that_cannot_be_read_is_refused_like_anything_else(content_type):
    """Django reads it, and the query by its charset, where no middleware is yet."""
    status, headers, body = asked(
        CONTENT_TYPE=content_type, QUERY_STRING="q=fibre", HTTP_X_CORRELATION_ID="click-1"
    )
    assert (status, headers["Content-Type"]) == (415, "application/problem+json")
    assert (headers["X-Correlation-ID"], json.loads(body)["correlation_id"]) == ("click-1", "click-1")
    assert "send UTF-8" in json.loads(body)["detail"]


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "iso-8859-1", "windows-1252"])
def test_a_content_type_with_a_charset_of_texts_is_taken(charset):
    status, _, _ = asked(CONTENT_TYPE=f"application/json; charset={charset}", QUERY_STRING="q=fibre")
    assert status == 200


def test_error_pages_of_the_admin_stay_pages():
    assert "problem" not in Client().get("/admin/nowhere")["Content-Type"]


def test_what_escapes_a_view_is_logged_with_a_path_that_ends(caplog):
    request = RequestFactory().get("/api/v1/" + "x" * 60_000)
    middleware = ProblemMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(request, ValueError("no")).status_code == 500
    (record,) = (record for record in caplog.records if record.name == "apps.core.middleware")
    assert len(str(record.msg)) < 2_000
