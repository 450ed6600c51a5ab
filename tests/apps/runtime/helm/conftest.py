"""The Helm chart, as Helm itself renders it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import env

CHART = env.BASE_DIR / "config" / "infra" / "helm" / "catalog-suite"
RELEASE = "catalog"
IMAGE = "registry.example/catalog-suite"
KUBERNETES = "1.31"
"""What a chart is rendered for; Helm has no cluster to ask."""
Objects = list[dict[str, Any]]


def find_helm() -> str:
    """Helm's command: what the tests install, else this machine's; skips where there is none, and fails under CI."""
    installed = Path(sysconfig.get_path("scripts")) / "helm"
    found = str(installed) if installed.exists() else shutil.which("helm")
    if found is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(
            "THE HELM CHART IS NOT TESTED: there is no `helm` here, and none to be installed for this machine"
        )
    return found


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``helm("lint", ...)``, with nothing of its user's own settings."""
    command, home = find_helm(), tmp_path_factory.mktemp("helm")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home)}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    return call


@pytest.fixture(scope="session")
def render(helm) -> Callable[..., Objects]:
    """``render("--set", "web.replicas=3")``: the objects of the chart with these values."""

    def objects(*values: str) -> Objects:
        done = helm(
            "template",
            RELEASE,
            str(CHART),
            "--kube-version",
            KUBERNETES,
            "--set",
            f"image.repository={IMAGE}",
            *values,
        )
        assert done.returncode == 0, done.stderr
        return [one for one in yaml.safe_load_all(done.stdout) if one]

    return objects


@pytest.fixture(scope="session")
def objects(render) -> Objects:
    """The chart as it is, with an ingress and backups."""
    return render("--set", "ingress.enabled=true,backup.claimName=backups")


@pytest.fixture(scope="session")
def deployments(objects) -> dict[str, dict[str, Any]]:
    """By their names without the release's."""
    return {
        one["metadata"]["name"].removeprefix(f"{RELEASE}-"): one for one in of_kind(objects, "Deployment")
    }


def of_kind(objects: Objects, kind: str) -> Objects:
    return [one for one in objects if one["kind"] == kind]


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    """The pod's specification of a deployment, a job or what makes jobs."""
    spec = workload["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(workload)["containers"]
    return only


def said(workload: dict[str, Any]) -> dict[str, str]:
    """Its environment."""
    return {one["name"]: one["value"] for one in container(workload)["env"]}


def values() -> dict[str, Any]:
    return yaml.safe_load((Path(CHART) / "values.yaml").read_text())
