"""What a pod may do and take, how it is known to be well, and how many there are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.runtime.reference import settings
from config.services import SERVICES
from config.settings import events
from tests.apps.runtime.compose.conftest import INFRA
from tests.apps.runtime.helm.conftest import RELEASE, Objects, container, of_kind, pod, said


@pytest.fixture(scope="module")
def workloads(objects) -> Objects:
    return [one for kind in ("Deployment", "Job", "CronJob") for one in of_kind(objects, kind)]


def test_nothing_is_root_and_nothing_gains_rights(workloads) -> None:
    user = int(re.findall(r"^USER (\d+)$", (INFRA / "Dockerfile").read_text(), re.MULTILINE)[0])
    for one in workloads:
        whole, own = pod(one)["securityContext"], container(one)["securityContext"]
        assert (whole["runAsNonRoot"], whole["runAsUser"]) == (True, user)
        assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
        assert own == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert pod(one)["automountServiceAccountToken"] is False


def test_what_a_process_writes_to_is_a_volume(workloads) -> None:
    for one in workloads:
        mounted = {volume["name"]: volume["mountPath"] for volume in container(one)["volumeMounts"]}
        assert set(mounted) == {volume["name"] for volume in pod(one)["volumes"]}
        assert "/tmp" in mounted.values()
        if folder := said(one).get("PROMETHEUS_MULTIPROC_DIR"):
            assert folder.startswith("/tmp/")


def test_every_container_has_its_limits(workloads) -> None:
    for one in workloads:
        resources = container(one)["resources"]
        # An autoscaler counts in percents of what was asked for.
        assert {"cpu", "memory"} <= resources["requests"].keys()
        assert "memory" in resources["limits"]


def test_a_web_process_is_asked_by_a_name_it_answers_to(deployments) -> None:
    for name, one in deployments.items():
        if name.endswith(("-worker", "-relay")):
            continue
        probes = {
            kind: container(one)[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")
        }
        assert {kind: probe["path"] for kind, probe in probes.items()} == {
            "startup": "/health/live",
            "liveness": "/health/live",
            "readiness": "/health/ready",
        }
        for probe in probes.values():
            (host,) = [header["value"] for header in probe["httpHeaders"] if header["name"] == "Host"]
            assert host in said(one)["ALLOWED_HOSTS"].split(",")


def test_every_probe_names_a_port_that_there_is(deployments) -> None:
    for one in deployments.values():
        ports = {port["name"]: port["containerPort"] for port in container(one)["ports"]}
        probes = [value for name, value in container(one).items() if name.endswith("Probe")]
        assert len(probes) >= 2
        assert {(probe.get("httpGet") or probe["tcpSocket"])["port"] for probe in probes} <= set(ports)
        assert str(ports["metrics"]) == said(one)["METRICS_PORT"]


def test_who_is_ended_may_finish(deployments) -> None:
    hard_limit = events.celery(SERVICES["store"])["task_time_limit"]
    for name, one in deployments.items():
        if name.endswith("-worker"):
            assert pod(one)["terminationGracePeriodSeconds"] > hard_limit


def test_every_setting_is_one(workloads) -> None:
    explained = set(re.findall(r"^\| `([A-Z0-9_<>]+)`", settings.page(), re.MULTILINE))
    patterns = [re.compile(re.sub(r"<\w+>", "[A-Z]+", name)) for name in explained]
    given = {name for one in workloads for name in said(one)} - {"CELERY_SKIP_CHECKS"}
    assert {name for name in given if not any(one.fullmatch(name) for one in patterns)} == set()


def test_metrics_are_for_those_who_watch_and_nothing_else_is_shut(objects, deployments, render) -> None:
    (policy,) = of_kind(objects, "NetworkPolicy")
    for one in deployments.values():
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    opened = {rule["ports"][0]["port"]: rule.get("from", "all") for rule in policy["spec"]["ingress"]}
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    assert opened == {"http": "all", "metrics": [monitoring]}
    assert of_kind(render("--set", "networkPolicy.enabled=false"), "NetworkPolicy") == []


def scaled(objects: Objects) -> dict[str, dict[str, Any]]:
    return {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"]
        for one in of_kind(objects, "HorizontalPodAutoscaler")
    }


def test_web_processes_and_workers_grow_with_their_load_and_relays_do_not(objects, deployments) -> None:
    growing = scaled(objects)
    assert growing.keys() == {f"{RELEASE}-{name}" for name in deployments if not name.endswith("-relay")}
    for name, one in deployments.items():
        # Who is scaled has no number of its own, or every upgrade would set it back.
        assert ("replicas" in one["spec"]) == (f"{RELEASE}-{name}" not in growing)
        assert one["spec"].get("replicas", 1) == 1
    assert all(one["minReplicas"] < one["maxReplicas"] for one in growing.values())


def test_an_upgrade_leaves_nothing_unserved_and_never_two_versions_that_compose_the_same(deployments) -> None:
    strategies = {name: one["spec"]["strategy"] for name, one in deployments.items()}
    assert strategies.pop("store-worker") == {"type": "Recreate"}
    assert {str(one) for one in strategies.values()} == {
        str({"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
    }


def test_a_node_can_be_emptied_and_never_takes_all_of_a_process(objects, deployments) -> None:
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind(objects, "PodDisruptionBudget")}
    assert budgets.keys() == scaled(objects).keys()
    for name, budget in budgets.items():
        assert budget["maxUnavailable"] == 1
        assert budget["selector"] == deployments[name.removeprefix(f"{RELEASE}-")]["spec"]["selector"]


def test_a_service_says_otherwise_for_itself(render) -> None:
    objects = render("--set", "services.store.worker.replicas=5,worker.autoscaling.enabled=false")
    replicas = {
        one["metadata"]["name"]: one["spec"].get("replicas") for one in of_kind(objects, "Deployment")
    }
    assert replicas[f"{RELEASE}-store-worker"] == 5
    assert replicas[f"{RELEASE}-pricing-worker"] == 2


def test_several_relays_get_a_budget_too(render) -> None:
    objects = render("--set", "services.offering.relay.replicas=2")
    names = {one["metadata"]["name"] for one in of_kind(objects, "PodDisruptionBudget")}
    assert f"{RELEASE}-offering-relay" in names
    assert f"{RELEASE}-pricing-relay" not in names
