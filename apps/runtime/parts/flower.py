"""Flower: every service's workers, behind basic authentication."""

from __future__ import annotations

import sys
from importlib.metadata import version

from apps.core import http
from apps.runtime import paths
from apps.runtime.program import ONLY_WATCHES, Program
from config import env

USER = "flower"


def ready() -> bool:
    answer = http.get(f"{env.part_url('flower')}/healthcheck", timeout=5)
    return answer.status_code == 200


def program() -> Program:
    port = env.part_port("flower")
    return Program(
        name="flower",
        command=(sys.executable, "-m", "apps.runtime.flower_server"),
        directory=env.BASE_DIR,
        port=port,
        url=env.part_url("flower"),
        version=version("flower"),
        # By environment, not by command line: anyone on the machine can read the latter.
        environment={
            "CELERY_BROKER_URL": env.part_url("redis"),
            "FLOWER_ADDRESS": "127.0.0.1",
            "FLOWER_PORT": str(port),
            "FLOWER_BASIC_AUTH": f"{USER}:{env.secret('FLOWER_PASSWORD')}",
            "FLOWER_MAX_TASKS": "2000",
        },
        needs=("redis",),
        ready=ready,
        prepare=lambda: paths.log_dir().mkdir(parents=True, exist_ok=True),
        niceness=ONLY_WATCHES,
    )
