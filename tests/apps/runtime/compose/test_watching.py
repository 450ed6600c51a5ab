"""The collector takes what the services send and gives it to Zipkin; Grafana draws from Prometheus."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from config.parts import PARTS
from tests.apps.runtime.compose.conftest import INFRA, LISTENS, environment, filled, megabytes


@pytest.fixture(scope="module")
def collector() -> dict[str, Any]:
    return yaml.safe_load((INFRA / "otel-collector" / "catalog.yaml").read_text())


def test_the_collector_listens_where_the_services_send(compose, collector) -> None:
    endpoint = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert endpoint == f"0.0.0.0:{LISTENS['otel-collector']}"
    sent = filled(environment(compose["offering"])["OTEL_EXPORTER_OTLP_ENDPOINT"])
    assert sent == f"http://otel-collector:{LISTENS['otel-collector']}"


def test_spans_arrive_where_the_admin_reads_them(compose, collector) -> None:
    read = environment(compose["identity"])[PARTS["zipkin"].variable]
    assert collector["exporters"]["zipkin"]["endpoint"] == f"{read}/api/v2/spans"


def test_every_component_of_the_collector_is_used_and_declared(collector) -> None:
    for kind in ("receivers", "processors", "exporters"):
        used = [name for pipeline in collector["service"]["pipelines"].values() for name in pipeline[kind]]
        assert set(used) == set(collector[kind])
    # What limits memory must see everything first.
    assert collector["service"]["pipelines"]["traces"]["processors"][0] == "memory_limiter"


def test_the_collector_refuses_before_its_container_is_full(compose, collector) -> None:
    limit = collector["processors"]["memory_limiter"]["limit_mib"]
    assert limit <= 0.8 * megabytes(compose["otel-collector"]["mem_limit"])


def test_grafana_has_the_dashboard_and_what_it_draws_from(compose) -> None:
    provisioning = INFRA / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text())["datasources"]
    dashboard = json.loads((INFRA / "grafana" / "catalog.json").read_text())
    (asked,) = dashboard["templating"]["list"]
    assert (asked["type"], asked["query"]) == ("datasource", source["type"])
    assert source["isDefault"]
    assert source["url"] == f"http://prometheus:{LISTENS['prometheus']}"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "catalog.yaml").read_text())["providers"]
    mounted = dict(volume.split(":")[:2] for volume in compose["grafana"]["volumes"])
    assert mounted["./config/infra/grafana/catalog.json"].rpartition("/")[0] == provider["options"]["path"]
    assert mounted["./config/infra/grafana/provisioning"] == "/etc/grafana/provisioning"


def test_prometheus_reads_its_configuration_with_the_alerts_beside_it(compose) -> None:
    mounted = dict(volume.split(":")[:2] for volume in compose["prometheus"]["volumes"])
    folder = mounted["./config/infra/prometheus"]
    assert f"--config.file={folder}/prometheus.yml " in compose["prometheus"]["command"]
    rules = yaml.safe_load((INFRA / "prometheus" / "prometheus.yml").read_text())["rule_files"]
    assert [name for name in rules if not (INFRA / "prometheus" / name).exists()] == []
    data = next(part for part in compose["prometheus"]["command"].split() if ".path=" in part)
    assert mounted["prometheus"] == data.partition("=")[2]
