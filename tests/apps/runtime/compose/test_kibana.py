"""What Kibana is given at its start draws fields that the log lines have, by types that fit."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from apps.observability.logging import EcsFormatter
from apps.runtime.log_shipper import template
from tests.apps.runtime.compose.conftest import INFRA

OBJECTS = [json.loads(line) for line in (INFRA / "kibana" / "catalog.ndjson").read_text().splitlines()]
MAPPED = template.template(7)["template"]["mappings"]["properties"]
RECORDS = "___records___"


def of_type(kind: str) -> list[dict[str, Any]]:
    return [one["attributes"] for one in OBJECTS if one["type"] == kind]


def said() -> set[str]:
    """The fields of the lines that a service really writes: one with an error, and one of a request."""
    from apps.observability import access

    formatter = EcsFormatter("pricing")
    written: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(record)

    logger, handler = logging.getLogger("access"), Kept()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        lines = access.Lines(later=lambda seconds, call: None)
        ids = {"correlation_id": "c", "trace.id": "t", "span.id": "s"}
        lines.add("GET", "/", 200, perf_counter(), **ids)
        lines.flush()
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        written.append(
            logging.makeLogRecord({"msg": "broken", "exc_info": (type(error), error, None), "actor": "x"})
        )
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return {name for record in written for name in json.loads(formatter.format(record))}


def queries(value: Any) -> Iterator[str]:
    """Every KQL query in an object, those in texts of JSON, too."""
    match value:
        case {"language": "kuery", "query": str(query)}:
            yield query
        case dict():
            for one in value.values():
                yield from queries(one)
        case list():
            for one in value:
                yield from queries(one)
        case str() if value.startswith(("{", "[")):
            yield from queries(json.loads(value))


def columns() -> list[dict[str, Any]]:
    return [
        column
        for lens in of_type("lens")
        for layer in lens["state"]["datasourceStates"]["formBased"]["layers"].values()
        for column in layer["columns"].values()
    ]


def test_every_field_is_one_that_lines_have_and_the_template_types() -> None:
    named = {field for search in of_type("search") for field in search["columns"]}
    named |= {field for search in of_type("search") for field, _ in search["sort"]}
    named |= {column["sourceField"] for column in columns()} - {RECORDS}
    asked = {query for one in OBJECTS for query in queries(one)} - {""}
    named |= {field for query in asked for field in re.findall(r"([\w.@]+)\s*(?::|[<>]=?)", query)}
    assert {"correlation_id", "duration_ms", "log.level", "service.name"} <= named
    assert named - said() == set()
    assert named - MAPPED.keys() == set()


def test_what_is_grouped_is_a_keyword_and_what_is_ordered_is_a_number_or_a_time() -> None:
    grouped = {column["sourceField"] for column in columns() if column["operationType"] == "terms"}
    assert {MAPPED[field]["type"] for field in grouped} == {"keyword"}
    ordered = {field for search in of_type("search") for field, _ in search["sort"]}
    assert {MAPPED[field]["type"] for field in ordered} <= {"date", "float", "long"}


def test_the_data_view_is_of_the_logs() -> None:
    (view,) = of_type("index-pattern")
    assert (view["title"], view["timeFieldName"]) == (template.PATTERN, "@timestamp")


def test_a_search_finds_one_correlation_id_in_the_order_of_time() -> None:
    (one,) = [search for search in of_type("search") if any("correlation_id:" in q for q in queries(search))]
    assert one["sort"] == [["@timestamp", "asc"]]


def test_the_dashboard_has_lines_by_service_and_by_level_errors_and_slow_requests() -> None:
    (dashboard,) = of_type("dashboard")
    titles = [panel["title"] for panel in json.loads(dashboard["panelsJSON"])]
    assert titles == ["Lines by service", "Lines by level", "Errors", "Slowest requests"]
    over_time = {column["sourceField"] for column in columns() if column["operationType"] == "date_histogram"}
    assert over_time == {"@timestamp"}


def test_objects_refer_to_each_other_and_come_after_what_they_refer_to() -> None:
    before: set[tuple[str, str]] = set()
    for one in OBJECTS:
        assert {(to["type"], to["id"]) for to in one["references"]} <= before, one["id"]
        before.add((one["type"], one["id"]))
        names = {reference["name"] for reference in one["references"]}
        match one["type"]:
            case "search":
                source = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
                assert source["indexRefName"] in names
            case "lens":
                layers = one["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
                assert names == {f"indexpattern-datasource-layer-{layer}" for layer in layers}
            case "dashboard":
                panels = json.loads(one["attributes"]["panelsJSON"])
                assert names == {f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in panels}
    assert len(before) == len(OBJECTS)


def test_it_is_imported_once_kibana_is_there(compose) -> None:
    one = compose["kibana-setup"]
    assert one["depends_on"] == {"kibana": {"condition": "service_healthy"}}
    inside = one["volumes"][0].split(":")[1]
    assert (
        f"file=@{inside} 'http://kibana:5601/api/saved_objects/_import?overwrite=true'"
        in one["entrypoint"][-1]
    )
