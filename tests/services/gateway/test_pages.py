"""What the gateway says itself: honest health, one API document, docs that need no other site."""

from __future__ import annotations

import asyncio
import re
import socket
from time import monotonic
from typing import Any

import httpx
import pytest
from django.http import HttpRequest

from catalog_services.gateway.pages import health, openapi
from config.parts import NOWHERE, OPTIONAL, PARTS
from config.services import SERVICES
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream, raw
from tests.support.waiting import eventually, quickest

NAMES = [name for name in SERVICES if name != "gateway"]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is slow is not down: almost as long as the client waits."""
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 9.0)


def document(name: str, **changed: Any) -> dict[str, Any]:
    """A small service's OpenAPI document; every service has a component called Item."""
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1"},
        "security": [{"bearer": []}],
        "paths": {
            f"/api/v1/{name}s": {
                "get": {
                    "operationId": "list",
                    "responses": {
                        "200": {
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
                        }
                    },
                },
                "parameters": [],
            }
        },
        "components": {
            "schemas": {
                "Item": {
                    "oneOf": [{"$ref": "#/components/schemas/Other"}],
                    "discriminator": {"propertyName": "t", "mapping": {"o": "#/components/schemas/Other"}},
                },
                "Other": {"title": name},
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        **changed,
    }


def references(node: Any) -> set[str]:
    return set(re.findall(r"#/components/[\w.]+/[\w.]+", str(node)))


def merged(documents: dict[str, Any]) -> dict[str, Any]:
    return openapi.merge(documents, missing=[], title="t", server="http://x")


def test_merged_components_keep_apart_and_every_reference_leads_somewhere() -> None:
    whole = merged({"price": document("price"), "offer": document("offer")})
    schemas = whole["components"]["schemas"]
    assert schemas["price.Other"]["title"] == "price"
    assert schemas["offer.Other"]["title"] == "offer"
    for reference in references(whole):
        _, _, kind, name = reference.split("/")
        assert name in whole["components"][kind]
    assert references(whole["paths"]["/api/v1/prices"]) == {"#/components/schemas/price.Item"}
    assert schemas["price.Item"]["discriminator"]["mapping"] == {"o": "#/components/schemas/price.Other"}


def test_operation_ids_stay_unique_and_the_services_security_counts() -> None:
    whole = merged({"price": document("price"), "offer": document("offer")})
    operations = [path["get"] for path in whole["paths"].values()]
    assert {operation["operationId"] for operation in operations} == {"price.list", "offer.list"}
    assert all(operation["security"] == [{"bearer": []}] for operation in operations)


def test_equal_security_schemes_are_one_and_different_ones_two() -> None:
    other = document("offer")
    other["components"]["securitySchemes"] = {"bearer": {"type": "apiKey", "in": "header", "name": "X"}}
    same = document("tax")
    same["components"]["securitySchemes"] = {
        "Jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    same["security"] = [{"Jwt": []}]
    whole = merged({"price": document("price"), "tax": same, "offer": other})
    assert set(whole["components"]["securitySchemes"]) == {"bearer", "offer.bearer"}
    assert whole["paths"]["/api/v1/offers"]["get"]["security"] == [{"offer.bearer": []}]
    assert whole["paths"]["/api/v1/taxs"]["get"]["security"] == [{"bearer": []}]


def test_the_document_of_the_suite_tells_what_is_missing(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway(GATEWAY_UPSTREAMS={**dict.fromkeys(NAMES, upstream.url), "store": "http://127.0.0.1:9"})
    upstream.service.schema = document("price")
    answer = client.get("/api/v1/schema")
    assert answer.status_code == 200
    body = answer.json()
    assert body["info"]["x-missing"] == ["store"]
    assert "/api/v1/prices" in body["paths"]
    asked = {request.raw_path for request in upstream.service.requests}
    assert asked == {f"/api/v1/{name}/schema" for name in NAMES if name != "store"}


def test_the_document_is_not_fetched_for_every_reader(gateway: Gateway, upstream: Upstream) -> None:
    client = gateway()
    upstream.service.schema = document("price")
    for _ in range(3):
        client.get("/api/v1/schema")
    assert len(upstream.service.requests) == len(NAMES)


def test_the_docs_page_and_everything_it_loads_come_from_here(gateway: Gateway) -> None:
    client = gateway()
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "//" not in re.sub(r"<!doctype html>", "", page.text).replace("</", "")
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        found = client.get(address)
        assert found.status_code == 200, address
        assert len(found.content) > 500
    assert (
        client.get("/static/drf_spectacular_sidecar/swagger-ui-dist/..%2f..%2f__init__.py").status_code == 404
    )


@pytest.mark.parametrize("name", ["nope.js", ".", ".."])
def test_a_file_that_is_none_of_the_docs_page_is_not_found(gateway: Gateway, name: str) -> None:
    request = f"GET /static/drf_spectacular_sidecar/swagger-ui-dist/{name} HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = raw(gateway().base_url.port or 0, request.encode())
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_first_page_leads_to_everything(gateway: Gateway) -> None:
    page = gateway().get("/")
    assert page.status_code == 200
    for address in ("/admin/", "/api/v1/docs", "/health/dependencies", "/admin/pricing/"):
        assert f'href="{address}"' in page.text


@pytest.mark.usefixtures("patient")
def test_health_lists_every_service_and_every_part(gateway: Gateway) -> None:
    body = gateway().get("/health/dependencies").json()
    assert set(body["services"]) == set(NAMES)
    assert set(body["parts"]) == set(PARTS)
    assert body["services"]["pricing"]["parts"]["postgres"]["status"] == "up"


def test_health_is_honest_and_quick_when_things_hang(
    gateway: Gateway, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_anew() -> httpx.Response:
        health._latest = None
        return client.get("/health/dependencies")

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hanging = f"127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("POSTGRES_URL", f"postgresql://u:hidden-pw@{hanging}")
        monkeypatch.setenv("REDIS_URL", f"redis://:hidden-pw@{hanging}/0")
        monkeypatch.setenv("MONGODB_URL", f"mongodb://{hanging}/")
        monkeypatch.setenv("ELASTICSEARCH_URL", f"http://{hanging}")
        monkeypatch.setenv("CAMUNDA_URL", "http://127.0.0.1:9/engine-rest")
        client = gateway(
            GATEWAY_UPSTREAMS={**dict.fromkeys(NAMES, upstream.url), "offering": f"http://{hanging}"}
        )
        asked_anew()  # the first answer also imports the drivers
        answer, took = quickest(asked_anew)
    assert took < 3, "two seconds, on a machine that has nothing else to do"
    assert answer.status_code == 503
    body = answer.json()
    assert body["status"] == "down"
    for name in ("postgres", "redis", "mongodb", "elasticsearch", "camunda"):
        assert body["parts"][name]["status"] == "down", name
    assert body["services"]["offering"] == {"status": "down", "reason": "no answer in time"}
    assert body["services"]["pricing"]["status"] == "up"
    assert "hidden-pw" not in answer.text


def test_who_asks_while_parts_are_asked_waits_for_that_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they take longer than an answer is kept: else the next one waits twice as long."""
    asked = []

    async def slowly() -> dict[str, Any]:
        asked.append(monotonic())
        await asyncio.sleep(0.6)
        return {"status": "down"}

    async def all_at_once() -> None:
        await asyncio.gather(*(health.dependencies(HttpRequest()) for _ in range(5)))

    monkeypatch.setattr(health, "_latest", None)
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.5)
    monkeypatch.setattr(health, "_report", slowly)
    asyncio.run(all_at_once())
    assert len(asked) == 1


@pytest.mark.usefixtures("patient")
def test_a_missing_console_only_degrades(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def up(_: object) -> bool:
        return True

    async def down(_: object) -> bool:
        return False

    monkeypatch.setattr(health, "CHECKS", {**dict.fromkeys(PARTS, up), "zipkin": down})
    answer = gateway().get("/health/dependencies")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


@pytest.mark.usefixtures("patient")
def test_a_console_that_is_to_be_nowhere_is_neither_missed_nor_linked(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def up(_: object) -> bool:
        return True

    monkeypatch.setattr(health, "CHECKS", {**health.CHECKS, **dict.fromkeys(PARTS.keys() - OPTIONAL, up)})
    for part in OPTIONAL:
        monkeypatch.setenv(PARTS[part].variable, NOWHERE)
    client = gateway()
    body = client.get("/health/dependencies").json()
    assert body["parts"].keys() == PARTS.keys() - OPTIONAL
    assert body["status"] == "up"
    assert "Zipkin" not in (page := client.get("/").text)
    assert "Flower" not in page


def test_the_first_page_leads_to_consoles_where_somebody_said_that_they_are(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMUNDA_URL", "http://camunda:hidden-pw@engine.internal:8080/engine-rest")
    monkeypatch.setenv("ZIPKIN_URL", "http://zipkin.internal:9411")
    monkeypatch.setenv("ZIPKIN_PUBLIC_URL", "https://traces.example.com/")
    page = gateway().get("/").text
    assert 'href="https://traces.example.com/"' in page
    assert "Cockpit" not in page
    assert ".internal" not in page


def test_the_suite_running_here_is_told_as_up(gateway: Gateway) -> None:
    """The real parts answer in their own protocols."""
    client = gateway()

    def all_up() -> bool:
        parts = client.get("/health/dependencies").json()["parts"]
        return {name: told["status"] for name, told in parts.items()} == dict.fromkeys(PARTS, "up")

    eventually(all_up, seconds=60)
