"""Elasticsearch 8.19, the bare distribution that its own tests use (real server, few modules)."""

from __future__ import annotations

import shutil
from pathlib import Path

from apps.core import http
from apps.runtime import artifacts, java, paths
from apps.runtime.program import Program
from config import env

HEAP = "512m"
SETTINGS = """\
cluster.name: catalog
node.name: catalog-1
path.data: {folder}/data
path.logs: {folder}/logs
network.host: 127.0.0.1
http.port: {port}
# Single node: nobody dials the transport port, so any free one does.
transport.port: 0
discovery.type: single-node
action.auto_create_index: false
# A laptop's disk is often over 90 % full and still has gigabytes: `up` checks the space itself.
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
# The serial collector leaves garbage until its generation is full: what the heap holds says nothing of what is in use,
# and requests would be refused (429) with nine tenths of it garbage. What is reserved is counted instead.
indices.breaker.total.use_real_memory: false
node.processors: 2
"""


def folder() -> Path:
    return paths.shielded_dir("elasticsearch")


def prepare() -> None:
    """Its configuration folder, made anew each time, and its data folder."""
    owner = paths.unprivileged_user()
    home = paths.make_private(folder(), owner=owner)
    config = home / "config"
    shutil.rmtree(config, ignore_errors=True)
    shutil.copytree(artifacts.engine_dir("elasticsearch") / "config", config)
    (config / "elasticsearch.yml").write_text(
        SETTINGS.format(folder=home, port=env.part_port("elasticsearch"))
    )
    options = config / "jvm.options"
    # Two cores and half a gigabyte: the serial collector; no rotating gc log, no heap dumps.
    unwanted = ("-XX:+UseG1GC", "-Xlog", "-XX:+HeapDump", "-XX:ErrorFile")
    kept = [line for line in options.read_text().splitlines() if not line.startswith(unwanted)]
    options.write_text("\n".join([*kept, f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:+UseSerialGC", ""]))
    for name in ("data", "logs", "tmp"):
        paths.make_private(home / name, owner=owner)
    paths.give_to(config, owner)


def ready() -> bool:
    url = f"{env.part_url('elasticsearch')}/_cluster/health?wait_for_status=yellow&timeout=2s"
    answer = http.get(url, timeout=5)
    return answer.status_code == 200 and not answer.json()["timed_out"]


def program() -> Program:
    port = env.part_port("elasticsearch")
    home = artifacts.engine_dir("elasticsearch")
    environment = {
        "ES_JAVA_HOME": str(java.java_home()),
        "ES_PATH_CONF": str(folder() / "config"),
        "ES_TMPDIR": str(folder() / "tmp"),
        # AlwaysPreTouch would make the whole heap resident before it is used.
        # The optimising compiler costs a third of the start, and a small catalog never pays it back.
        "ES_JAVA_OPTS": "-XX:-AlwaysPreTouch -XX:TieredStopAtLevel=1",
        "CLI_JAVA_OPTS": "-Xms8m -Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "HOME": str(folder()),
    }
    return Program(
        name="elasticsearch",
        command=(str(home / "bin" / "elasticsearch"),),
        directory=folder(),
        port=port,
        url=env.part_url("elasticsearch"),
        version=artifacts.locked("elasticsearch")[0].version,
        environment=environment,
        user=paths.unprivileged_user(),
        ready=ready,
        prepare=prepare,
        grace=30,
    )
