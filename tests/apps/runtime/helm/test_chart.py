"""The chart is one by Helm's own judgement, and what it renders is by Kubernetes' schemas."""

from __future__ import annotations

import re

import kubernetes_validate
import pytest
import yaml

from config import env
from tests.apps.runtime.helm.conftest import CHART, IMAGE, KUBERNETES, RELEASE, container, of_kind, values

# The oldest that the chart asks for of those whose schemas there are, and the newest.
VERSIONS = ("1.27", kubernetes_validate.latest_version())


def test_helm_has_nothing_to_say_against_it(helm) -> None:
    image = f"image.repository={IMAGE}"
    done = helm("lint", "--strict", "--kube-version", KUBERNETES, "--set", image, str(CHART))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(objects, version: str) -> None:
    for one in objects:
        kubernetes_validate.validate(one, version, strict=True)


def test_a_name_stands_for_one_object(objects) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(names)) == len(names)
    assert max(len(name) for _, name in names) <= 63


@pytest.mark.parametrize(
    "wrong",
    [
        "publicUrl=catalog.example.com",
        "secretName=",
        "web.replicas=0",
        "web.replicas=many",
        "services.pricing.roles={worker}",
        "services.store.worker.replica=3",
        "settings.lower=x",
        "settings.DJANGO_SECRET_KEY=in-the-open",
        "backup.schedule=nightly",
        "backup.keepDays=0",
        "replicas=2",
    ],
)
def test_values_that_are_no_such_values_are_refused(helm, wrong: str) -> None:
    done = helm("template", RELEASE, str(CHART), "--kube-version", KUBERNETES, "--set", wrong)
    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr


def test_an_image_that_nobody_has_pushed_is_asked_for(helm, render) -> None:
    done = helm("template", RELEASE, str(CHART), "--kube-version", KUBERNETES)
    assert done.returncode != 0
    assert "image.repository: where the cluster pulls the image from" in done.stderr
    image = f"{IMAGE}:{yaml.safe_load((CHART / 'Chart.yaml').read_text())['appVersion']}"
    assert {container(one)["image"] for one in of_kind(render(), "Deployment")} == {image}
    assert f"docker push {image}\n" in (CHART / "values.yaml").read_text()


def test_helm_is_told_everywhere_to_wait_longer_than_setup_may_take() -> None:
    texts = [CHART / "values.yaml", env.BASE_DIR / "README.md", *(env.BASE_DIR / "docs").glob("*.md")]
    told = [
        call
        for path in texts
        for call in re.findall(r"helm (?:install|upgrade) \S+ config/\S+[^`]{0,60}", path.read_text())
    ]
    assert len(told) >= 2
    for call in told:
        minutes = re.search(r"--timeout (\d+)m", call)
        assert minutes, call
        assert int(minutes[1]) * 60 > values()["setup"]["deadlineSeconds"]
