"""Camunda 7, or Operaton, on Spring Boot: REST API behind basic authentication, Cockpit, tables in our PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from apps.core import http
from apps.runtime import artifacts, java, paths
from apps.runtime.program import Program
from config import env

SOURCE = env.BASE_DIR / "config" / "infra" / "engine"


def sources() -> dict[str, str]:
    """File name -> text: our class and its settings, in the name of the chosen engine. Operaton kept Camunda's packages
    and settings below a name of its own."""
    name = f"{env.process_engine()}.bpm"
    return {path.name: path.read_text().replace("camunda.bpm", name) for path in sorted(SOURCE.iterdir())}


def classes_dir() -> Path:
    """Where our class is compiled to, beside its sources; the name says from what."""
    engine = env.process_engine()
    made_of = "".join(sources().values()) + artifacts.engine_dir(engine).name
    return paths.engines_dir() / f"{engine}-classes-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"


def libraries() -> str:
    return f"{artifacts.engine_dir(env.process_engine())}{os.sep}*"


def install() -> None:
    """Compile the class once: compiling at every start would cost two seconds of both cores."""
    target = classes_dir()
    if target.exists():
        return
    with artifacts.building(target) as partial:
        for name, text in sources().items():
            (partial / name).write_text(text)
        compiler = str(java.java_home() / "bin" / "javac")
        command = [compiler, "-cp", libraries(), "-d", str(partial), str(partial / "Engine.java")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Engine.java does not compile: {done.stderr}")


def database() -> dict[str, str]:
    """The engine's own database, as its data source wants it."""
    url = urlsplit(env.database_url(env.process_engine()))
    server = f"{url.hostname}:{url.port or 5432}"
    return {
        "ENGINE_DATABASE_URL": f"jdbc:{urlunsplit(('postgresql', server, url.path, url.query, ''))}",
        "ENGINE_DATABASE_USER": url.username or "",
        "ENGINE_DATABASE_PASSWORD": url.password or "",
    }


def ready() -> bool:
    # Not /engine: the engine answers that one without credentials.
    answer = http.get(f"{env.part_url('camunda')}/process-definition/count", timeout=5)
    return answer.status_code == 200


def version() -> str:
    """Of the chosen engine, with its name."""
    name = env.process_engine()
    engine = next(a for a in artifacts.locked(name) if f":{name}-engine:" in a.coordinates)
    return f"{name.title()} {engine.version}"


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
        ),
        directory=paths.part_dir("camunda"),
        port=port,
        url=f"http://127.0.0.1:{port}{env.cockpit_path()}",
        version=version(),
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
