"""The chart is one by Helm's own judgement, and what it renders is by Kubernetes' schemas."""

from __future__ import annotations

import kubernetes_validate
import pytest

from tests.apps.runtime.helm.conftest import CHART, KUBERNETES, RELEASE

# The oldest that the chart asks for of those whose schemas there are, and the newest.
VERSIONS = ("1.27", kubernetes_validate.latest_version())


def test_helm_has_nothing_to_say_against_it(helm) -> None:
    done = helm("lint", "--strict", "--kube-version", KUBERNETES, str(CHART))
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
