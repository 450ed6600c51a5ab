"""docker-compose.yml and the embedded mode say the same about the services."""

from __future__ import annotations

import re
import socket
import sys

import pytest

from apps.runtime import artifacts, services, worker
from config.parts import PARTS
from config.services import SERVICES, Service
from tests.apps.runtime.compose.conftest import INFRA, environment

# What only containers have: `manage.py up` ships logs itself, and Prometheus asks it from outside.
CONTAINERS_ONLY = {
    *("setup", "kibana-setup"),
    *("operaton", "otel-collector", "logstash", "kibana", "prometheus", "grafana"),
}


def image_environment() -> dict[str, str]:
    """What the image tells every process."""
    (said,) = re.findall(r"^ENV (.*)$", (INFRA / "Dockerfile").read_text(), re.MULTILINE)
    return dict(one.split("=", 1) for one in said.split())


def test_it_has_every_process_of_the_registry_and_every_part_and_nothing_else(compose) -> None:
    processes = [s.name for s in SERVICES.values()]
    processes += [f"{s.name}-worker" for s in SERVICES.values() if s.worker]
    processes += [f"{s.name}-relay" for s in SERVICES.values() if s.relay]
    assert set(compose) == {*processes, *PARTS, *CONTAINERS_ONLY}


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.name)
def test_a_web_process_listens_where_the_registry_says_and_the_others_look(compose, service: Service) -> None:
    command = compose[service.name]["command"]
    if service.server == "asgi":
        assert command == f"apps.runtime.asgi_server {service.name} {service.port} 0.0.0.0"
    else:
        embedded = " ".join(services.gunicorn(service, service.port))
        assert command == embedded.replace("127.0.0.1", "0.0.0.0")
    url = compose[service.name]["environment"][f"{service.name.upper()}_URL"]
    assert url == f"http://{service.name}:{service.port}"


@pytest.mark.parametrize("service", [s for s in SERVICES.values() if s.worker], ids=lambda s: s.name)
def test_a_worker_is_the_embedded_one_by_the_name_of_its_host(compose, service: Service) -> None:
    container, embedded = compose[f"{service.name}-worker"], services.worker(service)
    *command, number = embedded.command
    assert [sys.executable, "-m", *container["command"].split()] == command
    assert worker.node(service, int(number)) == f"{service.name}@catalog"
    assert worker.node(service) == f"{service.name}@{socket.gethostname()}"
    # The image says what counts for all of them; the program itself, whose settings it has.
    assert services.ENVIRONMENT.items() <= image_environment().items()
    told = embedded.environment.keys() - services.ENVIRONMENT.keys() - {"DJANGO_SETTINGS_MODULE"}
    assert told <= environment(container).keys()


def test_every_part_is_given_to_the_services_by_its_variable(compose) -> None:
    given = compose["offering"]["environment"]
    assert {part.variable for part in PARTS.values()} <= set(given)


def test_engines_have_the_versions_of_the_lock(compose) -> None:
    elastic = artifacts.locked("elasticsearch")[0].version
    for name in ("elasticsearch", "kibana", "logstash", "kibana-setup"):
        assert compose[name]["image"] == f"{name.removesuffix('-setup')}:{elastic}"
    for name, before in (("camunda", "-"), ("operaton", ":")):
        engine = next(a for a in artifacts.locked(name) if f":{name}-engine:" in a.coordinates)
        assert compose[name]["image"].endswith(f"{before}{engine.version}")
