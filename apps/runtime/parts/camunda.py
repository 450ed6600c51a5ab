"""Camunda 7 on Spring Boot: REST API behind basic authentication, Cockpit, tables in our PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import requests

from apps.runtime import artifacts, java, paths
from apps.runtime.program import Program
from config import env

SOURCE = env.BASE_DIR / "config" / "infra" / "engine"


def classes_dir() -> Path:
    """Where our one class is compiled to; the name says from what."""
    source = (SOURCE / "Engine.java").read_bytes() + artifacts.engine_dir("camunda").name.encode()
    return paths.engines_dir() / f"camunda-classes-{hashlib.sha256(source).hexdigest()[:12]}"


def libraries() -> str:
    return f"{artifacts.engine_dir('camunda')}{os.sep}*"


def install() -> None:
    """Compile the class once: compiling at every start would cost two seconds of both cores."""
    target = classes_dir()
    if target.exists():
        return
    with artifacts.building(target) as partial:
        compiler = str(java.java_home() / "bin" / "javac")
        command = [compiler, "-cp", libraries(), "-d", str(partial), str(SOURCE / "Engine.java")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Engine.java does not compile: {done.stderr}")


def database() -> dict[str, str]:
    """The engine's own database, as its data source wants it."""
    url = urlsplit(env.database_url("camunda"))
    return {
        "ENGINE_DATABASE_URL": f"jdbc:postgresql://{url.hostname}:{url.port or 5432}{url.path}",
        "ENGINE_DATABASE_USER": url.username or "",
        "ENGINE_DATABASE_PASSWORD": url.password or "",
    }


def ready() -> bool:
    # Not /engine: the engine answers that one without credentials.
    answer = requests.get(f"{env.part_url('camunda')}/process-definition/count", timeout=5)
    return answer.status_code == 200


def program() -> Program:
    port = env.part_port("camunda")
    options = (
        "-Xms64m",
        "-Xmx192m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xss512k",
        "-XX:+ExitOnOutOfMemoryError",
    )
    return Program(
        name="camunda",
        command=(
            java.java(),
            *options,
            "-cp",
            f"{classes_dir()}{os.pathsep}{libraries()}",
            "suite.engine.Engine",
            f"--spring.config.location=file:{SOURCE / 'application.yaml'}",
        ),
        directory=paths.part_dir("camunda"),
        port=port,
        url=f"http://127.0.0.1:{port}/camunda/app/cockpit/",
        version=next(a.version for a in artifacts.locked("camunda") if ":camunda-engine:" in a.coordinates),
        environment={
            "ENGINE_PORT": str(port),
            "CAMUNDA_PASSWORD": env.secret("CAMUNDA_PASSWORD"),
            **database(),
        },
        needs=("databases",),
        ready=ready,
        prepare=lambda: paths.part_dir("camunda").mkdir(parents=True, exist_ok=True),
        grace=30,
    )
