"""The service processes: web, worker and relay of everything in the registry."""

from __future__ import annotations

import sys
from functools import cache

import requests
from celery import Celery

from apps.runtime.program import Program
from apps.runtime.worker import node
from config import env
from config.services import SERVICES, Service

WEB_THREADS = 8
# Longer than the gateway keeps an idle connection, so that it is never the server that closes a reused one.
KEEP_ALIVE = 75
# glibc gives every thread an arena of its own otherwise, which doubles the memory of a threaded process.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}


def environment(service: Service) -> dict[str, str]:
    """Said for each process, so that a DJANGO_SETTINGS_MODULE of whoever calls `up` is nobody's."""
    return {**ENVIRONMENT, "DJANGO_SETTINGS_MODULE": service.settings_module}


def with_database() -> list[Service]:
    return [service for service in SERVICES.values() if service.database]


def setup_name(service: Service) -> str:
    """The step that makes a service's database ready for its processes."""
    return f"{service.name}-setup"


def programs() -> list[Program]:
    found = []
    for service in SERVICES.values():
        found.append(web(service))
        if service.worker:
            found.append(worker(service))
        if service.relay:
            found.append(relay(service))
    return found


def web(service: Service) -> Program:
    port = env.service_port(service.name)
    name = service.name

    def ready() -> bool:
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200

    return Program(
        name=name,
        command=(
            sys.executable,
            "-m",
            *(gunicorn(service, port) if service.server == "wsgi" else uvicorn(service, port)),
        ),
        directory=env.BASE_DIR,
        port=port,
        url=f"http://127.0.0.1:{port}",
        environment=environment(service),
        needs=needs(service),
        ready=ready,
    )


def gunicorn(service: Service, port: int) -> tuple[str, ...]:
    options = (
        "--worker-class=gthread",
        "--workers=1",
        f"--threads={WEB_THREADS}",
        f"--keep-alive={KEEP_ALIVE}",
    )
    quiet = ("--no-control-socket", "--log-level=warning", "--graceful-timeout=15", "--timeout=60")
    return ("gunicorn", f"{service.module}.wsgi:application", f"--bind=127.0.0.1:{port}", *options, *quiet)


def uvicorn(service: Service, port: int) -> tuple[str, ...]:
    options = (
        "--host=127.0.0.1",
        f"--port={port}",
        f"--timeout-keep-alive={KEEP_ALIVE}",
        "--timeout-graceful-shutdown=15",
    )
    # Who is asking is for the gateway to judge (GATEWAY_TRUSTED_PROXIES), not for whatever a client claims.
    quiet = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level=warning")
    return ("uvicorn", f"{service.module}.asgi:application", *options, *quiet)


def needs(service: Service) -> tuple[str, ...]:
    return ("redis", setup_name(service)) if service.database else ("redis",)


@cache
def control() -> Celery:
    """A Celery application that only asks workers how they are."""
    return Celery(broker=env.part_url("redis"))


def worker(service: Service) -> Program:
    def ready() -> bool:
        return bool(control().control.ping(destination=[node(service)], timeout=1))

    return Program(
        name=f"{service.name}-worker",
        command=(sys.executable, "-m", "apps.runtime.worker", service.name),
        directory=env.BASE_DIR,
        # `up` has checked the service once already.
        environment={**environment(service), "CELERY_SKIP_CHECKS": "1"},
        needs=needs(service),
        ready=ready,
        grace=30,
    )


def relay(service: Service) -> Program:
    return Program(
        name=f"{service.name}-relay",
        command=(sys.executable, "manage.py", service.name, "relay", "--skip-checks"),
        directory=env.BASE_DIR,
        environment=environment(service),
        needs=needs(service),
        ready=lambda: True,
    )
