"""Every process tells its metrics, to its own machine; whoever draws or watches one names what exists."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIServer

import pytest
import requests
import yaml
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from structlog.testing import capture_logs

from apps.observability import exposition, metrics
from apps.outbox.metrics import OutboxCollector, QueueCollector
from apps.outbox.models import Delivery
from apps.saga.execution import Outcome
from config import env
from config.services import ROLES, SERVICES
from tests.support.ports import free_port
from tests.support.waiting import answers, eventually

INFRA = env.BASE_DIR / "config" / "infra"
# Labels that Prometheus adds: from its targets, and of a histogram's buckets.
ADDED = {"service", "job", "le"}


def known() -> dict[str, set[str]]:
    """Every series of the suite, with the labels it has."""
    found: dict[str, set[str]] = {"up": set()}
    for declared in vars(metrics).values():
        if isinstance(declared, Counter | Gauge | Histogram):
            labels = set(declared._labelnames)
            endings = {Histogram: ("_bucket", "_count", "_sum"), Counter: ("_total",), Gauge: ("",)}[
                type(declared)
            ]
            found |= {declared._name + ending: labels for ending in endings}
    for collector in (OutboxCollector, QueueCollector):
        found |= {family.name: set(family._labelnames) for family in collector.describe(collector)}
    return found


def expressions() -> Iterator[str]:
    rules = yaml.safe_load((INFRA / "prometheus" / "alerts.yml").read_text())
    for group in rules["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in json.loads((INFRA / "grafana" / "catalog.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_a_worker_begins_without_the_folder_of_its_figures(tmp_path: Any) -> None:
    """It is made when the worker starts; what the metrics made before would end it."""
    told = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "not" / "there")}
    imported = [sys.executable, "-c", "import apps.observability.metrics"]
    done = subprocess.run(imported, cwd=env.BASE_DIR, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("expression", [*expressions()])
def test_a_plot_or_an_alert_names_series_and_labels_that_exist(expression: str) -> None:
    names = set(re.findall(r"\b(?:catalog_\w+|up)\b", expression))
    assert names, "it is about something"
    assert names <= known().keys()
    grouped = {label for by in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", by)}
    matched = set(re.findall(r"[{,]\s*(\w+)\s*=~?", expression))
    assert grouped | matched <= ADDED.union(*(known()[name] for name in names))


def test_a_rule_about_a_state_or_an_outcome_names_one_that_there_is() -> None:
    """A misspelt one never fires."""
    there = {*Delivery.State.values, *Outcome}
    named = {
        value
        for expression in expressions()
        for said in re.findall(r'\b(?:state|outcome)=~?"([^"]+)"', expression)
        for value in said.split("|")
    }
    assert {"dead", "failed", "untold"} <= named <= there


def test_every_metric_is_drawn() -> None:
    drawn = " ".join(expressions())
    assert {
        name
        for name in known()
        if name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") not in drawn
    } == set()


def containers() -> set[str]:
    """``<name>:<port>`` of each that tells its metrics to the Prometheus of the compose file."""
    compose = yaml.safe_load((env.BASE_DIR / "docker-compose.yml").read_text())["services"]
    return {
        f"{name}:{one['environment']['METRICS_PORT']}"
        for name, one in compose.items()
        if "METRICS_PORT" in one.get("environment", {}) and name not in {"setup", "flower"}
    }


def test_prometheus_asks_every_process_of_the_containers() -> None:
    jobs = yaml.safe_load((INFRA / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    found = [config for job in jobs for config in job["dns_sd_configs"]]
    assert {config["type"] for config in found} == {"A"}  # every copy of a container, not one of them
    asked = [f"{name}:{config['port']}" for config in found for name in config["names"]]
    assert sorted(asked) == sorted(containers())


def test_prometheus_asks_every_process_that_up_starts_by_the_labels_of_the_alerts() -> None:
    jobs = yaml.safe_load((INFRA / "prometheus" / "plain.yml").read_text())["scrape_configs"]
    asked = {
        (one["labels"]["service"], job["job_name"]): one["targets"]
        for job in jobs
        for one in job["static_configs"]
    }
    assert asked == {
        (service, role): [f"127.0.0.1:{SERVICES[service].metrics_port(role)}"]
        for service, role in processes()
    }


def test_every_prometheus_has_the_alerts_and_leaves_a_process_its_own_labels() -> None:
    for name in ("prometheus.yml", "plain.yml", "kubernetes.yml"):
        read = yaml.safe_load((INFRA / "prometheus" / name).read_text())
        assert read["rule_files"] == ["alerts.yml"]
        assert all(job["honor_labels"] for job in read["scrape_configs"]), name


def processes() -> set[tuple[str, str]]:
    """Service and role of every process of the registry."""
    return {
        (one.name, role) for one in SERVICES.values() for role in ROLES if role == "web" or getattr(one, role)
    }


def test_a_process_that_is_gone_is_missed() -> None:
    (rule,) = (expression for expression in expressions() if "absent" in expression)
    assert set(re.findall(r'absent\(up{service="(\w+)", job="(\w+)"}\)', rule)) == processes()
    named = {service if role == "web" else f"{service}-{role}" for service, role in processes()}
    assert named == {name.partition(":")[0] for name in containers()}


def test_a_process_of_somebody_else_that_is_down_is_no_alert_of_ours() -> None:
    """A Prometheus may watch more than the suite, and some of that is always down."""
    each = {f'{{service="{service}", job="{role}"}}' for service, role in processes()}
    every = f'{{service=~"{"|".join(SERVICES)}", job=~"{"|".join(ROLES)}"}}'
    assert set(re.findall(r"\bup\b({[^}]*})?", " ".join(expressions()))) == {*each, every}


def _seen(request: Any, number: int) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [path("things/<int:number>", _seen)]


def _count(method: str, route: str, status: int) -> float:
    samples = metrics.REQUESTS.labels(method, route, status).collect()[0].samples
    return next(sample.value for sample in samples if sample.name.endswith("_count"))


@pytest.mark.parametrize(
    ("method", "url", "labels"),
    [
        ("GET", "/things/7", ("GET", "things/<int:number>", 204)),
        ("GET", "/nothing/there", ("GET", "", 404)),
        ("BREW", "/things/8", ("other", "things/<int:number>", 204)),
    ],
)
def test_a_request_is_counted_by_its_pattern_so_that_nobody_can_make_series(
    method: str, url: str, labels: tuple[str, str, int]
) -> None:
    middleware = ["apps.observability.middleware.AccessLogMiddleware"]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware):
        before = _count(*labels)
        Client(raise_request_exception=False).generic(method, url)
    assert _count(*labels) == before + 1


TELLING = """
import sys
from apps.observability import exposition, metrics
exposition.PAUSE_SECONDS = 0.2
metrics.TASKS.labels("x", "SUCCESS").observe(0.1)
exposition.serve()
print("serving", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def telling(port: int) -> Iterator[subprocess.Popen[str]]:
    process = _telling(port)
    yield process
    process.communicate("")


def _telling(port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", TELLING],
        cwd=env.BASE_DIR,
        env={**os.environ, "METRICS_PORT": str(port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    while line := process.stdout.readline():
        if line == "serving\n":
            return process
    raise AssertionError("it ended")


@pytest.mark.usefixtures("telling")
def test_a_process_tells_its_metrics_to_its_own_machine(port: int) -> None:
    told = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    assert 'catalog_task_seconds_count{state="SUCCESS",task="x"} 1.0' in told
    addresses = {one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1"}:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{address}:{port}/metrics", timeout=5)


def test_a_port_that_is_taken_keeps_no_process_from_its_work_and_is_taken_over(port: int) -> None:
    first, second = _telling(port), _telling(port)
    first.communicate("")
    url = f"http://127.0.0.1:{port}/metrics"
    eventually(lambda: answers(url), why="the second tells nothing")
    second.communicate("")
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_port_that_stays_taken_is_said_once_and_tried_for_as_long_as_it_takes(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def counted(wanted: int, **options: Any) -> tuple[WSGIServer, Thread]:
        tries.append(wanted)
        return start_http_server(wanted, **options)

    monkeypatch.setenv("METRICS_PORT", str(port))
    monkeypatch.setattr(exposition, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(exposition, "start_http_server", counted)
    with capture_logs() as said:
        with socket.create_server(("127.0.0.1", port)):
            exposition.serve(CollectorRegistry())
            eventually(lambda: len(tries) > 50, why="it is not tried again")
        eventually(lambda: answers(f"http://127.0.0.1:{port}/metrics"), why="nothing is told")
        eventually(lambda: len(said) > 1, why="nobody says that they are told now")
    assert [line["event"] for line in said] == ["metrics are not told", "metrics are told"]
    server = exposition._servers.pop()
    server.shutdown()
    server.server_close()
