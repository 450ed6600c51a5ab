"""Zipkin: traces in memory. Its heap holds the newest spans; of older ones it forgets whole traces."""

from __future__ import annotations

from apps.core import http
from apps.runtime import artifacts, java, paths
from apps.runtime.program import ONLY_WATCHES, Program
from config import env

# A span takes about three kilobytes there; 100,000 of them ended a server of 128 MB.
HEAP = "160m"
MAX_SPANS = "25000"


def ready() -> bool:
    answer = http.get(f"{env.part_url('zipkin')}/health", timeout=5)
    return answer.status_code == 200 and answer.json()["status"] == "UP"


def program() -> Program:
    port = env.part_port("zipkin")
    artifact = artifacts.locked("zipkin")[0]
    options = (
        "-Xms32m",
        f"-Xmx{HEAP}",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xss512k",
    )
    jar = artifacts.engine_dir("zipkin") / artifact.file_name
    listen = (
        "--armeria.ports[0].ip=127.0.0.1",
        f"--armeria.ports[0].port={port}",
        "--armeria.ports[0].protocols[0]=http",
    )
    return Program(
        name="zipkin",
        command=(java.java(), *options, "-jar", str(jar), *listen, "--logging.level.root=WARN"),
        directory=paths.part_dir("zipkin"),
        port=port,
        url=f"http://127.0.0.1:{port}/zipkin/",
        version=artifact.version,
        environment={"STORAGE_TYPE": "mem", "MEM_MAX_SPANS": MAX_SPANS, "SELF_TRACING_ENABLED": "false"},
        ready=ready,
        grace=3,  # it keeps nothing that a longer good-bye would save
        prepare=lambda: paths.part_dir("zipkin").mkdir(parents=True, exist_ok=True),
        niceness=ONLY_WATCHES,
    )
