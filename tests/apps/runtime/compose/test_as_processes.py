"""What docker-compose.yml tells its containers, told to plain processes on parts that were started by themselves.

Docker itself cannot run here: this is its file without it. Names of containers become 127.0.0.1, and their ports free
ones; nothing else of an environment or a command is changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis

from config import env
from config.parts import PARTS
from config.services import SERVICES
from tests.apps.runtime.compose.conftest import LISTENS, environment, filled
from tests.support import instances
from tests.support.ports import free_port
from tests.support.waiting import eventually

RUN = ("identity", "pricing", "pricing-worker", "pricing-relay", "gateway")
DEMO_USERS = ("ADMIN_PASSWORD", "MANAGER_PASSWORD", "VIEWER_PASSWORD")
"""The file does without these, as in production; here .env has them."""
OWN_DATABASE = "/7"
"""Of Redis, whose first one is the other tests'."""


class Stack:
    """Some of the file's containers as processes: where each listens, and how a text of the file reads here."""

    def __init__(self, compose: dict[str, Any], parts: dict[str, str], folder: Path) -> None:
        self._compose, self._parts, self._folder = compose, parts, folder
        self._ports = {service.name: free_port() for service in SERVICES.values()}
        self.logs = folder / "logs"
        self.logs.mkdir()

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._ports[service]}"

    def environment(self, name: str) -> dict[str, str]:
        told = {key: self._here(value) for key, value in environment(self._compose[name]).items()}
        told |= dict.fromkeys(DEMO_USERS, "given-for-the-test")
        return {
            "PATH": os.environ["PATH"],
            **told,
            **self._parts,
            "METRICS_PORT": str(self._metrics_port(name)),
            "METRICS_HOST": "127.0.0.1",
            "RUN_DIR": str(self._folder / "state"),
        }

    def command(self, name: str) -> list[str]:
        """As the image begins it."""
        one = self._compose[name]
        said = one.get("entrypoint") or ["python", "-m", *one["command"].split()]
        own = SERVICES[name].port if name in SERVICES else 0
        here = [word.replace(str(own), str(self._ports[name])) if own else word for word in said]
        return [sys.executable if word == "python" else word.replace("0.0.0.0", "127.0.0.1") for word in here]

    def check(self, name: str) -> list[str]:
        """What Docker asks it, to know that it is well."""
        _, *asked = self._compose[name]["healthcheck"]["test"]
        port = self._ports[name] if name in SERVICES else self._metrics_port(name)
        return [sys.executable, *asked[1:-1], re.sub(r":\d+/", f":{port}/", asked[-1])]

    def setup(self) -> list[str]:
        """The first of its steps: diagrams and templates are the other tests' parts' already."""
        shell, option, steps = self._compose["setup"]["entrypoint"]
        assert steps.startswith("python manage.py migrate-all && ")
        return [shell, option, f"{sys.executable} manage.py migrate-all identity pricing"]

    @contextmanager
    def process(self, name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
        with (self.logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=env.BASE_DIR, env=self.environment(name), stdout=log, stderr=subprocess.STDOUT
            )
            try:
                yield process
            finally:
                process.terminate()
                process.wait(60)

    def _metrics_port(self, name: str) -> int:
        return self._ports.setdefault(f"metrics of {name}", free_port())

    def _here(self, value: str) -> str:
        text = filled(value, "given-for-the-test")
        for name, port in LISTENS.items():
            here = self._ports.get(name, port)
            text = re.sub(rf"(//|@){re.escape(name)}:{port}\b", rf"\g<1>127.0.0.1:{here}", text)
        return text


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of these processes' own."""
    told = instances.beside(tmp_path_factory.mktemp("postgres"), started="postgres")
    assert instances.manage(told, "up", "--parts", "--quiet").returncode == 0
    state = Path(told["RUN_DIR"]) / told["PORT_OFFSET"]
    secrets = dict(line.split("=", 1) for line in (state / "secrets.env").read_text().splitlines())
    port = PARTS["postgres"].port + int(told["PORT_OFFSET"])
    yield PARTS["postgres"].url.format(postgres_password=secrets["POSTGRES_PASSWORD"], port=port)
    assert instances.manage(told, "down", "--erase").returncode == 0


@pytest.fixture(scope="module")
def stack(compose, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The containers of ``RUN``, well by their own health checks."""
    parts = {PARTS[name].variable: env.part_url(name) for name in PARTS}
    broker = env.part_url("redis").rpartition("/")[0] + OWN_DATABASE
    parts |= {"POSTGRES_URL": database, "REDIS_URL": broker, "ZIPKIN_URL": "http://127.0.0.1:1"}
    running = Stack(compose, parts, tmp_path_factory.mktemp("stack"))
    done = subprocess.run(
        running.setup(),
        cwd=env.BASE_DIR,
        env=running.environment("setup"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with ExitStack() as processes, redis.Redis.from_url(broker) as queues:
        for name in RUN:
            processes.enter_context(running.process(name, running.command(name)))
        for name in RUN:
            eventually(
                lambda name=name: (
                    subprocess.run(running.check(name), capture_output=True, check=False).returncode == 0
                ),
                seconds=90,
                why=f"{name} is not well: {(running.logs / f'{name}.log').read_text()[-2000:]}",
            )
        yield running
        queues.flushdb()


@pytest.mark.timeout(300)  # its databases are made, and five processes start
def test_a_write_goes_from_the_gateway_into_the_outbox_and_on_to_the_broker(
    stack: Stack, database: str
) -> None:
    signed_in = httpx.post(
        f"{stack.url('gateway')}/api/v1/auth/login",
        data={"username": "manager", "password": stack.environment("identity")["MANAGER_PASSWORD"]},
        timeout=15,
    )
    assert signed_in.status_code == 200, signed_in.text
    made = httpx.post(
        f"{stack.url('gateway')}/api/v1/prices",
        json={"name": "Fee", "value": "9.90", "currency": "EUR"},
        headers={"Authorization": f"Bearer {signed_in.json()['access_token']}"},
        timeout=15,
    )
    assert made.status_code == 201, made.text

    def states() -> set[str]:
        with psycopg.connect(f"{database}/catalog_pricing") as session:
            return {state for (state,) in session.execute("SELECT state FROM outbox_delivery")}

    eventually(lambda: states() == {"sent"}, why="the relay did not send it")
    with redis.Redis.from_url(stack.environment("pricing-relay")["REDIS_URL"]) as broker:
        assert broker.llen("store.events") > 0


def test_each_is_ready_with_what_it_was_told(stack: Stack) -> None:
    for name in ("identity", "pricing"):
        told = httpx.get(f"{stack.url(name)}/health/ready", timeout=5).json()
        assert told["status"] == "up", told
