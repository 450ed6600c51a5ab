"""Answers, their headers, and who may ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState
from tests.support.tokens import Issuer


def published(store: Store) -> str:
    offering = OfferingState(name="Fibre Élite")
    store.publish(("Offering", offering))
    return f"/api/v1/store/offerings/{offering['id']}"


def test_an_unchanged_offering_is_304(store: Store) -> None:
    url = published(store)
    first = store.client.get(url)
    for known in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        again = store.client.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert store.client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_offering_is_handed_out_as_it_was_rendered(store: Store) -> None:
    url = published(store)
    response = store.client.get(url)
    assert response.content == store.entry(url.rsplit("/", 1)[1])["body"]
    assert "Élite".encode() in response.content
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("id", ["abc", "0", "%00", "..%2f..", "x" * 3000, str(uuid4()), "'; --"])
def test_what_is_not_there_is_404(store: Store, id: str) -> None:
    published(store)
    response = store.client.get(f"/api/v1/store/offerings/{id}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_an_id_may_be_written_in_capitals(store: Store) -> None:
    base, id = published(store).rsplit("/", 1)
    assert store.client.get(f"{base}/{id.upper()}").status_code == 200


def test_other_methods_are_refused_as_problems(store: Store) -> None:
    response = store.client.post("/api/v1/store/search", {"q": "x"})
    assert (response.status_code, response.headers["Content-Type"]) == (405, "application/problem+json")
    assert response.headers["Allow"] == "GET, HEAD"


def test_head_answers_like_get_without_a_body(store: Store) -> None:
    url = published(store)
    whole, head = store.client.get(url), store.client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert int(head.headers["Content-Length"]) == len(whole.content)


def test_an_unknown_address_is_a_problem(store: Store) -> None:
    response = store.client.get("/api/v1/store/nothing")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_reads_are_public_and_every_role_may_read(store: Store, api: Callable[..., Client]) -> None:
    for role in (None, "viewer", "manager", "admin", "service"):
        assert api(role).get("/api/v1/store/search").status_code == 200
    published(store)


@pytest.mark.parametrize("path", ["search", "offerings", f"offerings/{uuid4()}"])
def test_a_bad_bearer_token_is_401_even_here(store: Store, tokens: Issuer, path: str) -> None:
    published(store)
    for token in ("x.y.z", "", tokens.make("viewer", exp=1), tokens.make("viewer", aud="other")):
        response = store.client.get(f"/api/v1/store/{path}", headers={"Authorization": f"Bearer {token}"})
        assert (response.status_code, response.headers["Content-Type"]) == (401, "application/problem+json")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_documentation_needs_no_other_server(store: Store) -> None:
    page = store.client.get("/api/v1/store/docs").content.decode()
    assert "/api/v1/store/static/ninja/swagger-ui-bundle.js" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_the_schema_names_every_endpoint_and_parameter(store: Store) -> None:
    schema = json.loads(store.client.get("/api/v1/store/schema").content)
    assert set(schema["paths"]) == {
        "/api/v1/store/offerings",
        "/api/v1/store/offerings/{offering_id}",
        "/api/v1/store/ops/flow",
        "/api/v1/store/ops/state",
        "/api/v1/store/search",
    }
    named = {p["name"] for p in schema["paths"]["/api/v1/store/search"]["get"]["parameters"]}
    assert {
        "q",
        "min_price",
        "max_price",
        "currency",
        "channel",
        "category",
        "characteristic",
        "sort",
        "skip",
        "limit",
        "cursor",
        "at",
    } <= named
