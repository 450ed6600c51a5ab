"""The chart has the processes of the registry, with the commands of docker-compose.yml."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from secrets import token_urlsafe

import pytest
import yaml

from config import env
from config.parts import NOWHERE, OPTIONAL, PARTS
from config.services import SERVICES, Service
from tests.apps.runtime.helm.conftest import CHART, RELEASE, container, of_kind, pod, said, values

COMPOSE = yaml.safe_load((env.BASE_DIR / "docker-compose.yml").read_text())["services"]


def processes() -> dict[str, str]:
    """Every process of the registry, and its role."""
    found = {service.name: "web" for service in SERVICES.values()}
    found |= {f"{service.name}-worker": "worker" for service in SERVICES.values() if service.worker}
    return found | {f"{service.name}-relay": "relay" for service in SERVICES.values() if service.relay}


def test_every_process_is_a_deployment_and_nothing_else_is(deployments) -> None:
    assert set(deployments) == set(processes())


@pytest.mark.parametrize("name", processes())
def test_it_runs_what_runs_in_compose(deployments, name: str) -> None:
    one, there = container(deployments[name]), COMPOSE[name]
    # The image begins with `python -m`; a command takes the place of that.
    if "command" in one:
        assert one["command"] == there["entrypoint"]
    else:
        assert one["args"] == there["command"].split()
    # What only a worker is told, as each other role's own.
    common = COMPOSE["offering"]["environment"].keys()
    own = {key: value for key, value in there["environment"].items() if key not in common}
    told = said(deployments[name])
    assert {key: value for key, value in told.items() if key not in common} == own


def test_setup_does_what_it_does_in_compose_before_anything_starts(objects) -> None:
    (job,) = of_kind(objects, "Job")
    assert (
        container(job)["command"]
        == COMPOSE["setup"]["entrypoint"]
        == ["sh", "-c", container(job)["command"][2]]
    )
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.name)
def test_a_service_is_reached_where_the_others_look(objects, deployments, service: Service) -> None:
    by_name = {one["metadata"]["name"]: one["spec"] for one in of_kind(objects, "Service")}
    spec = by_name[f"{RELEASE}-{service.name}"]
    assert [port["port"] for port in spec["ports"]] == [service.port]
    labels = deployments[service.name]["spec"]["template"]["metadata"]["labels"]
    assert spec["selector"].items() <= labels.items()
    ports = {port["name"]: port["containerPort"] for port in container(deployments[service.name])["ports"]}
    assert ports[spec["ports"][0]["targetPort"]] == service.port
    for one in deployments.values():
        url = said(one)[f"{service.name.upper()}_URL"]
        assert url == f"http://{RELEASE}-{service.name}:{service.port}"


def test_a_service_answers_to_its_own_names_and_the_public_one_only(deployments) -> None:
    names = {f"{RELEASE}-{name}" for name in SERVICES} | {"catalog.example.com", "localhost", "127.0.0.1"}
    for one in deployments.values():
        assert set(said(one)["ALLOWED_HOSTS"].split(",")) == names


def test_a_selector_finds_its_own_pods_only(deployments) -> None:
    for name, one in deployments.items():
        wanted = one["spec"]["selector"]["matchLabels"].items()
        found = [
            other
            for other, its in deployments.items()
            if wanted <= its["spec"]["template"]["metadata"]["labels"].items()
        ]
        assert found == [name]


def test_what_holds_secrets_is_not_in_the_chart(objects, deployments) -> None:
    assert of_kind(objects, "Secret") == []
    for one in [*deployments.values(), *of_kind(objects, "Job")]:
        assert container(one)["envFrom"] == [{"secretRef": {"name": values()["secretName"]}}]
        # Those of another service's pods would be variables of the suite's.
        assert pod(one)["enableServiceLinks"] is False
        assert not [name for name in said(one) if name.endswith(("SECRET", "PASSWORD", "SECRET_KEY"))]


def test_the_outside_comes_in_at_the_gateway_only(objects) -> None:
    (ingress,) = of_kind(objects, "Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "catalog.example.com"
    assert [path["backend"]["service"]["name"] for path in rule["http"]["paths"]] == [f"{RELEASE}-gateway"]
    assert {one["spec"].get("type", "ClusterIP") for one in of_kind(objects, "Service")} == {"ClusterIP"}


def test_what_the_chart_does_not_say_is_asked_of_the_secret(deployments) -> None:
    """Whatever a process is told in Compose, it is told here, too, or its Secret has it, as values.yaml says."""
    text = (CHART / "values.yaml").read_text()
    asked = re.findall(r"# A Secret that exists, with (.*?)\.", text, re.DOTALL)[0]
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", asked))
    told = {name for name, value in COMPOSE["offering"]["environment"].items() if value is not None}
    # Nobody makes demo users in production; traces go where `settings` says, if anywhere.
    optional = {
        "ADMIN_PASSWORD",
        "MANAGER_PASSWORD",
        "VIEWER_PASSWORD",
        "ZIPKIN_URL",
        "CAMUNDA_PUBLIC_URL",
        "ZIPKIN_PUBLIC_URL",
        "FLOWER_PUBLIC_URL",
        "FLOWER_URL",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    }
    assert told - optional - set(said(deployments["offering"])) == named


def test_traces_and_flower_are_nowhere_until_settings_say_where(deployments, render) -> None:
    consoles = {PARTS[name].variable for name in OPTIONAL}
    for one in deployments.values():
        assert {name: said(one)[name] for name in consoles} == dict.fromkeys(consoles, NOWHERE)
    given = ("--set", "settings.ZIPKIN_URL=http://zipkin:9411,settings.FLOWER_URL=null")
    for one in of_kind(render(*given), "Deployment"):
        assert said(one)["ZIPKIN_URL"] == "http://zipkin:9411"
        assert "FLOWER_URL" not in said(one), "the Secret says it"


def test_what_env_says_to_containers_settings_say_to_every_pod(render, deployments) -> None:
    passed_on = {name for name, value in COMPOSE["offering"]["environment"].items() if value is None}
    wanted = passed_on - said(deployments["offering"]).keys() | {"STORE_INDEX_REPLICAS"}
    assert {"TRACES_PER_SECOND", "GATEWAY_CORS_ORIGINS", "OTEL_EXPORTER_OTLP_HEADERS"} <= wanted
    objects = render(*(word for name in wanted for word in ("--set-string", f"settings.{name}=7")))
    for one in [*of_kind(objects, "Deployment"), *of_kind(objects, "Job")]:
        assert {name: said(one).get(name) for name in wanted} == dict.fromkeys(wanted, "7")
        names = [each["name"] for each in container(one)["env"]]
        assert len(set(names)) == len(names)


def test_a_service_finds_nothing_to_say_against_what_the_chart_tells_it(deployments) -> None:
    name = "offering"
    secret = {part.variable: part.url.format_map(defaultdict(lambda: "x", port=1)) for part in PARTS.values()}
    secret |= {"DJANGO_SECRET_KEY": token_urlsafe(48), "SERVICE_CLIENT_SECRET": token_urlsafe(48)}
    done = subprocess.run(
        [sys.executable, "manage.py", name, "check", "--deploy", "--fail-level", "WARNING"],
        cwd=env.BASE_DIR,
        env={"PATH": os.environ["PATH"], **secret, **said(deployments[name]), "METRICS_PORT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
