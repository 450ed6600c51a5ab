"""What docker-compose.yml tells its containers, told to plain processes on parts that were started by themselves.

Docker itself cannot run here: this is its file without it. Names of containers become 127.0.0.1, their ports free ones
and their ``/tmp`` a folder of their own; nothing else of an environment or a command is changed.
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
import pymongo
import pytest
import redis

from config import env
from config.parts import PARTS
from config.services import SERVICES
from tests.apps.runtime.compose.conftest import LISTENS, environment, filled, is_ours
from tests.e2e.conftest import Api, fetched
from tests.support import instances
from tests.support.ports import free_ports
from tests.support.waiting import eventually

OWN_PARTS = ("postgres", "camunda")
"""What these processes have for themselves: others' databases are others', and whose engine it is takes its tasks."""
STORE = "composed"
"""What theirs is called, in the other tests' MongoDB and Elasticsearch."""
DEMO_USERS = ("ADMIN_PASSWORD", "MANAGER_PASSWORD", "VIEWER_PASSWORD")
"""The file does without these, as in production; here .env has them."""
OWN_DATABASE = "/43"
"""Of Redis, whose first one is the other tests'."""


def _metrics_of(name: str) -> str:
    return f"metrics of {name}"


class Stack:
    """The file's containers of our image as processes: where each listens, and how a text of the file reads here."""

    def __init__(self, compose: dict[str, Any], parts: dict[str, str], folder: Path) -> None:
        self._compose, self._parts, self._folder = compose, parts, folder
        ours = [name for name, one in compose.items() if is_ours(one)]
        self.names = [name for name in ours if name != "setup"]
        listening = [*SERVICES, "flower", *map(_metrics_of, ours)]
        self._ports = dict(zip(listening, free_ports(len(listening)), strict=True))
        self.logs = folder / "logs"
        self.logs.mkdir()

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._ports[service]}"

    def environment(self, name: str) -> dict[str, str]:
        own = f"{self._folder / name}/"  # a container's /tmp is nobody else's
        told = {
            key: self._here(value).replace("/tmp/", own)
            for key, value in environment(self._compose[name]).items()
        }
        told |= dict.fromkeys(DEMO_USERS, "given-for-the-test")
        return {
            "PATH": os.environ["PATH"],
            **told,
            **self._parts,
            "FLOWER_PORT": str(self._ports["flower"]),
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
        port = self._ports.get(name) or self._metrics_port(name)
        return [sys.executable, *asked[1:-1], re.sub(r":\d+/", f":{port}/", asked[-1])]

    def setup(self) -> list[str]:
        """What has to be done before them."""
        shell, option, steps = self._compose["setup"]["entrypoint"]
        return [shell, option, steps.replace("python ", f"{sys.executable} ")]

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
        return self._ports[_metrics_of(name)]

    def _here(self, value: str) -> str:
        text = filled(value, "given-for-the-test")
        for name, port in LISTENS.items():
            here = self._ports.get(name, port)
            text = re.sub(rf"(//|@){re.escape(name)}:{port}\b", rf"\g<1>127.0.0.1:{here}", text)
        return text


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables that name each part: ``OWN_PARTS`` started for these processes, a Redis database of their own."""
    told = instances.beside(tmp_path_factory.mktemp("parts"), *OWN_PARTS)
    begun = instances.manage(told, "up", "--parts", "--quiet")
    assert begun.returncode == 0, begun.stdout + begun.stderr
    state = Path(told["RUN_DIR"]) / told["PORT_OFFSET"]
    secrets = dict(line.split("=", 1) for line in (state / "secrets.env").read_text().splitlines())
    words = {name.lower(): secret for name, secret in secrets.items()}
    found = {PARTS[name].variable: env.part_url(name) for name in PARTS}
    for name in OWN_PARTS:
        port = PARTS[name].port + int(told["PORT_OFFSET"])
        found[PARTS[name].variable] = PARTS[name].url.format(port=port, **words)
    found["REDIS_URL"] = found["REDIS_URL"].rpartition("/")[0] + OWN_DATABASE
    yield {**found, "ZIPKIN_URL": "http://127.0.0.1:1"}
    assert instances.manage(told, "down", "--erase", "--yes").returncode == 0


@pytest.fixture(scope="module")
def stack(compose, parts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every container of ours, well by its own health check, after `setup`."""
    forget_store()  # of a run that was killed
    own = {"STORE_MONGODB_DATABASE": STORE, "STORE_INDEX_PREFIX": STORE}
    running = Stack(compose, {**parts, **own}, tmp_path_factory.mktemp("stack"))
    done = subprocess.run(
        running.setup(),
        cwd=env.BASE_DIR,
        env=running.environment("setup"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with ExitStack() as processes, redis.Redis.from_url(parts["REDIS_URL"]) as queues:
        for name in running.names:
            processes.enter_context(running.process(name, running.command(name)))
        for name in running.names:
            eventually(
                lambda name=name: (
                    subprocess.run(running.check(name), capture_output=True, check=False).returncode == 0
                ),
                seconds=180,
                why=f"{name} is not well: {(running.logs / f'{name}.log').read_text()[-2000:]}",
            )
        yield running
        queues.flushdb()
    forget_store()


def forget_store() -> None:
    with pymongo.MongoClient(env.part_url("mongodb")) as mongo:
        mongo.drop_database(STORE)
    elastic = env.part_url("elasticsearch")
    for name in httpx.get(f"{elastic}/{STORE}-*", timeout=30).json():
        httpx.delete(f"{elastic}/{name}", timeout=30).raise_for_status()


@pytest.mark.timeout(600)  # its parts and databases are made, and nineteen processes start
def test_an_offering_is_published_through_them(stack: Stack) -> None:
    credentials = {"username": "manager", "password": stack.environment("identity")["MANAGER_PASSWORD"]}
    with Api(base_url=stack.url("gateway"), timeout=60) as manager:
        signed_in = manager.post("/api/v1/auth/login", data=credentials)
        assert signed_in.status_code == 200, signed_in.text
        manager.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        draft = manager.complete_draft("Composed")
        assert manager.post(f"/api/v1/offerings/{draft['id']}/publish").status_code == 202
        published = manager.settled(draft["id"])
        assert published["lifecycle_status"] == "PUBLISHED", manager.publication(draft["id"])

        def found() -> list[dict[str, Any]]:
            answer = manager.get("/api/v1/store/search", params={"q": "Composed"})
            return answer.json()["items"]

        (item,) = eventually(found, why="the store does not show it")
        assert item["id"] == draft["id"]


def test_each_is_ready_with_what_it_was_told(stack: Stack) -> None:
    def is_ready(name: str) -> bool:  # not at the first look, for which parts that start have too little time
        return fetched(f"{stack.url(name)}/health/ready").json()["status"] == "up"

    for name in SERVICES:
        eventually(lambda name=name: is_ready(name), why=f"{name} is not ready")
