"""What a container may take, what it may do, and how it is known to be well."""

from __future__ import annotations

import re

import pytest

from config.services import SERVICES
from config.settings import events
from tests.apps.runtime.compose.conftest import INFRA, LISTENS, environment, is_ours, megabytes

ENDS = {"setup", "kibana-setup"}
# An image without a shell has nothing to ask with; the services are patient with it.
CANNOT_BE_ASKED = {"otel-collector"}
# Logstash is asked at its API, not where it takes lines.
OWN_CHECKS = {"logstash": 9600}


def test_every_container_has_its_limits(compose) -> None:
    for name, one in compose.items():
        assert megabytes(one["mem_limit"]) <= 1024, name
        assert 0 < float(one["cpus"]) <= 2, name


def test_a_heap_leaves_room_for_the_rest_of_its_process(compose) -> None:
    heaps = {}
    for name, one in compose.items():
        said = " ".join(environment(one).values())
        for size in re.findall(r"-Xmx(\d+)m|max-old-space-size=(\d+)", said):
            heaps[name] = int(size[0] or size[1])
    assert {"elasticsearch", "logstash", "camunda", "operaton", "zipkin", "kibana"} == set(heaps)
    for name, heap in heaps.items():
        assert heap <= 0.7 * megabytes(compose[name]["mem_limit"]), name


def test_every_container_says_how_it_is_or_ends(compose) -> None:
    silent = {name for name, one in compose.items() if "healthcheck" not in one}
    assert silent == CANNOT_BE_ASKED
    assert {name for name, one in compose.items() if one.get("healthcheck", {}).get("disable")} == ENDS


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.name)
def test_a_web_process_is_asked_whether_it_lives(compose, service) -> None:
    asked = compose[service.name]["healthcheck"]["test"][-1]
    assert asked == f"http://127.0.0.1:{service.port}/health/live"


def test_a_check_asks_its_own_container_where_that_listens(compose) -> None:
    assert environment(compose["flower"])["FLOWER_PORT"] == str(LISTENS["flower"])
    for name, one in compose.items():
        asked = " ".join(one.get("healthcheck", {}).get("test", ()))
        for port in re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", asked):
            own = {LISTENS.get(name), OWN_CHECKS.get(name), int(environment(one).get("METRICS_PORT", 0))}
            assert int(port) in own, name


def test_a_process_without_web_is_asked_for_its_metrics(compose) -> None:
    for name, one in compose.items():
        if name.endswith(("-worker", "-relay")):
            port = environment(one)["METRICS_PORT"]
            assert one["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/metrics"


def test_nobody_gains_rights_and_ours_have_none(compose) -> None:
    for name, one in compose.items():
        assert "no-new-privileges:true" in one["security_opt"], name
        assert not {"privileged", "cap_add", "user", "network_mode", "pid"} & set(one), name
        assert not any("docker.sock" in volume for volume in one.get("volumes", ())), name
        if is_ours(one):
            assert one["cap_drop"] == ["ALL"], name


def test_lines_do_not_fill_the_disk(compose) -> None:
    """Both drivers are bounded, unlike Docker's default; what stands behind Logstash, or watches, does not tell it."""
    behind = {
        "elasticsearch",
        "otel-collector",
        "logstash",
        "kibana",
        "kibana-setup",
        "prometheus",
        "grafana",
    }
    for name, one in compose.items():
        assert one["logging"]["driver"] == ("local" if name in behind else "fluentd"), name


def test_who_is_ended_may_finish(compose) -> None:
    """As long as in the Helm chart; Docker's own is 10 s."""
    hard_limit = events.celery(SERVICES["store"])["task_time_limit"]
    for name, one in compose.items():
        if is_ours(one):
            grace = int(one["stop_grace_period"].removesuffix("s"))
            assert grace > (hard_limit if name.endswith("-worker") else 30), name


def test_the_image_is_built_in_stages_and_is_not_root() -> None:
    lines = (INFRA / "Dockerfile").read_text().splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    assert len(stages) > 1
    last = lines[stages[-1] :]
    assert [line for line in last if line.startswith("USER ")] == ["USER 10001"]
    assert last.index("USER 10001") < next(n for n, line in enumerate(last) if line.startswith("ENTRYPOINT"))
    # What is copied belongs to root: a process can write its state and nothing of its code.
    assert not any("--chown" in line for line in lines)
