"""The OpenAPI document names the headers that requests and answers have, and a browser elsewhere may use them."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from catalog_services.gateway.edge import cors

LIST, ROW = "/api/v1/characteristics", "/api/v1/characteristics/{id}"


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)["paths"]


def asked(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}


def told(operation: dict[str, Any]) -> set[str]:
    return {name for answer in operation["responses"].values() for name in answer.get("headers", {})}


def test_a_list_tells_its_counts_and_its_neighbours(paths: dict[str, Any], api: Any, db: None) -> None:
    listed = paths[LIST]["get"]
    assert (asked(listed), told(listed)) == ({"Prefer"}, {"X-Total-Count", "X-Result-Count", "Link"})
    answer = api("viewer").get(LIST, {"limit": 1, "offset": 1})
    assert told(listed) <= set(answer.headers)


def test_a_row_has_an_etag_and_is_changed_and_deleted_by_it(paths: dict[str, Any]) -> None:
    assert told(paths[ROW]["get"]) == told(paths[LIST]["post"]) == {"ETag"}
    for method in ("put", "patch", "delete"):
        assert asked(paths[ROW][method]) == {"If-Match"}, method


def test_a_change_may_be_sent_as_a_json_merge_patch_and_nothing_else_may(paths: dict[str, Any]) -> None:
    json, merge = "application/json", "application/merge-patch+json"
    assert set(paths[ROW]["patch"]["requestBody"]["content"]) == {json, merge}
    assert set(paths[ROW]["put"]["requestBody"]["content"]) == {json}
    assert set(paths[LIST]["post"]["requestBody"]["content"]) == {json}


def test_a_browser_elsewhere_may_send_and_read_all_of_them(paths: dict[str, Any]) -> None:
    operations = [operation for path in paths.values() for operation in path.values()]
    sent = {name for operation in operations for name in asked(operation)}
    read = {name for operation in operations for name in told(operation)}
    assert sent <= set(cors.REQUEST_HEADERS.decode().split(", "))
    assert read | {"Preference-Applied"} <= set(cors.EXPOSED.decode().split(", "))
