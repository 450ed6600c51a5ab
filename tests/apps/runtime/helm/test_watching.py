"""A Prometheus in the cluster knows the chart's pods by the labels that the alerts ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from config.services import SERVICES
from tests.apps.runtime.compose.conftest import INFRA
from tests.apps.runtime.helm.conftest import container, of_kind
from tests.apps.runtime.helm.test_processes import processes

Rule = dict[str, Any]


def found(workload: dict[str, Any], phase: str = "Running") -> list[dict[str, str]]:
    """The targets of Prometheus' discovery that a pod is: one for each port."""
    labels = workload["spec"]["template"]["metadata"]["labels"]
    known = {f"__meta_kubernetes_pod_label_{re.sub(r'\W', '_', name)}": text for name, text in labels.items()}
    known |= {"job": "catalog-suite", "__meta_kubernetes_pod_phase": phase}
    ports = container(workload).get("ports", [{"name": ""}])
    return [{**known, "__meta_kubernetes_pod_container_port_name": port["name"]} for port in ports]


def relabelled(target: dict[str, str], rules: Sequence[Rule]) -> dict[str, str] | None:
    """As Prometheus does it, for the rules that there are; None when it is not asked."""
    for rule in rules:
        (source,) = rule["source_labels"]
        matches = re.fullmatch(rule.get("regex", "(.*)"), target.get(source, "")) is not None
        match rule.get("action", "replace"):
            case "keep" if not matches:
                return None
            case "drop" if matches:
                return None
            case "replace":
                target = {**target, rule["target_label"]: target[source]}
    return target


def test_every_pod_is_asked_once_by_the_labels_of_the_alerts(objects, deployments) -> None:
    (job,) = yaml.safe_load((INFRA / "prometheus" / "kubernetes.yml").read_text())["scrape_configs"]
    workloads = [*deployments.values(), *of_kind(objects, "Job")]
    targets = [relabelled(one, job["relabel_configs"]) for each in workloads for one in found(each)]
    asked = [(one["service"], one["job"]) for one in targets if one]
    wanted = [(name.partition("-")[0], role) for name, role in processes().items()]
    assert sorted(asked) == sorted(wanted)
    assert {service for service, _ in asked} == set(SERVICES)
    for gone in found(deployments["pricing"], "Failed"):
        assert relabelled(gone, job["relabel_configs"]) is None
