"""docker-compose.yml and the embedded mode say the same about the services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.runtime import artifacts, worker
from config import env
from config.parts import PARTS
from config.services import SERVICES, Service


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((env.BASE_DIR / "docker-compose.yml").read_text())["services"]


def test_it_has_every_process_of_the_registry_and_every_part_and_nothing_else(compose) -> None:
    processes = [s.name for s in SERVICES.values()]
    processes += [f"{s.name}-worker" for s in SERVICES.values() if s.worker]
    processes += [f"{s.name}-relay" for s in SERVICES.values() if s.relay]
    assert set(compose) == {"setup", *processes, *PARTS}


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.name)
def test_a_web_process_listens_where_the_registry_says_and_the_others_look(compose, service: Service) -> None:
    command = compose[service.name]["command"]
    address = f"0.0.0.0:{service.port}"
    assert address in command or f"--port={service.port}" in command
    assert f"{service.module}.{service.server}:application" in command
    url = compose[service.name]["environment"][f"{service.name.upper()}_URL"]
    assert url == f"http://{service.name}:{service.port}"


@pytest.mark.parametrize("service", [s for s in SERVICES.values() if s.worker], ids=lambda s: s.name)
def test_a_worker_serves_the_same_queues_as_the_embedded_one(compose, service: Service) -> None:
    assert f"-Q {','.join(worker.queues(service))} " in compose[f"{service.name}-worker"]["command"]


def test_every_part_is_given_to_the_services_by_its_variable(compose) -> None:
    given = compose["offering"]["environment"]
    assert {part.variable for part in PARTS.values()} - set(given) == {"FLOWER_URL"}


def test_engines_have_the_versions_of_the_lock(compose) -> None:
    assert compose["elasticsearch"]["image"].endswith(f":{artifacts.locked('elasticsearch')[0].version}")
    engine = next(a for a in artifacts.locked("camunda") if ":camunda-engine:" in a.coordinates)
    assert compose["camunda"]["image"].endswith(f"-{engine.version}")


def test_only_known_variables_are_in_the_production_example() -> None:
    """Each name is read somewhere: a misspelt one would be ignored in silence."""
    text = Path(env.BASE_DIR / ".env.example").read_text()
    names = {
        line.lstrip("#").split("=")[0]
        for line in text.splitlines()
        if "=" in line and not line.startswith("# ")
    }
    source = "".join(
        path.read_text()
        for folder in ("config", "apps", "catalog_services")
        for path in (env.BASE_DIR / folder).rglob("*.py")
    )
    derived = {f"{service.upper()}_URL" for service in SERVICES}
    assert {name for name in names if name not in source} - derived == set()
