from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from apps.core.middleware import ProblemMiddleware


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nothing/0"])
def test_djangos_own_error_pages_are_problem_documents(path):
    response = Client().get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    body = response.json()
    assert (body["status"], body["instance"]) == (404, path)
    assert body["correlation_id"] == response["X-Correlation-ID"]


def test_error_pages_of_the_admin_stay_pages():
    assert "problem" not in Client().get("/admin/nowhere")["Content-Type"]


def test_what_escapes_a_view_is_logged_with_a_path_that_ends(caplog):
    request = RequestFactory().get("/api/v1/" + "x" * 60_000)
    middleware = ProblemMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(request, ValueError("no")).status_code == 500
    (record,) = (record for record in caplog.records if record.name == "apps.core.middleware")
    assert len(str(record.msg)) < 2_000
