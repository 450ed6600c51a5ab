from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nothing/0"])
def test_djangos_own_error_pages_are_problem_documents(path):
    response = Client().get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    body = response.json()
    assert (body["status"], body["instance"]) == (404, path)
    assert body["correlation_id"] == response["X-Correlation-ID"]


def test_error_pages_of_the_admin_stay_pages():
    assert "problem" not in Client().get("/admin/nowhere")["Content-Type"]
