"""The service processes: web, worker and relay of everything in the registry."""

from __future__ import annotations

import sys
from functools import cache

from celery import Celery

from apps.core import http
from apps.runtime.program import BEHIND_THE_PARTS, Program
from apps.runtime.worker import node
from config import env
from config.services import SERVICES, Service

# glibc gives every thread an arena of its own otherwise, which doubles the memory of a threaded process.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}


def environment(service: Service) -> dict[str, str]:
    """Said for each process, so that a DJANGO_SETTINGS_MODULE of whoever calls `up` is nobody's."""
    return {**ENVIRONMENT, "DJANGO_SETTINGS_MODULE": service.settings_module}


def _telling(service: Service, role: str, number: int) -> dict[str, str]:
    """The environment of a process that tells its metrics."""
    return {
        **environment(service),
        "METRICS_PORT": str(service.metrics_port(role, number) + env.port_offset()),
    }


def with_database() -> list[Service]:
    return [service for service in SERVICES.values() if service.database]


def setup_name(service: Service) -> str:
    """The step that makes a service's database ready for its processes."""
    return f"{service.name}-setup"


def copies(role: str) -> int:
    """How many processes of a role (``web``, ``worker``, ``relay``) each service has: ``<ROLE>_COPIES``, usually 1."""
    return env.env.int(f"{role.upper()}_COPIES", default=1)


def programs() -> list[Program]:
    found = []
    for service in SERVICES.values():
        found += [web(service, number) for number in range(1, copies("web") + 1)]
        if service.worker:
            found += [worker(service, number) for number in range(1, copies("worker") + 1)]
        if service.relay:
            found += [relay(service, number) for number in range(1, copies("relay") + 1)]
    return found


def numbered(name: str, number: int) -> str:
    """The first copy has the plain name."""
    return name if number == 1 else f"{name}-{number}"


def web(service: Service, number: int = 1) -> Program:
    """A web process; its copies share the port."""
    port = env.service_port(service.name)

    def ready() -> bool:
        return http.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200

    server = gunicorn(service, port) if service.server == "wsgi" else uvicorn(service, port)
    return Program(
        name=numbered(service.name, number),
        command=(sys.executable, "-m", *server),
        directory=env.BASE_DIR,
        port=port,
        url=f"http://127.0.0.1:{port}",
        environment=_telling(service, "web", number),
        needs=needs(service),
        ready=ready,
        niceness=BEHIND_THE_PARTS,
    )


def gunicorn(service: Service, port: int) -> tuple[str, ...]:
    options = ("--config=python:apps.runtime.gunicorn_config", f"--bind=127.0.0.1:{port}")
    return ("gunicorn", f"{service.module}.wsgi:application", *options)


def uvicorn(service: Service, port: int) -> tuple[str, ...]:
    return ("apps.runtime.asgi_server", service.name, str(port))


def needs(service: Service) -> tuple[str, ...]:
    return ("redis", setup_name(service)) if service.database else ("redis",)


@cache
def control() -> Celery:
    """A Celery application that only asks workers how they are."""
    return Celery(broker=env.part_url("redis"))


def worker(service: Service, number: int = 1) -> Program:
    def ready() -> bool:
        return bool(control().control.ping(destination=[node(service, number)], timeout=1))

    return Program(
        name=numbered(f"{service.name}-worker", number),
        command=(sys.executable, "-m", "apps.runtime.worker", service.name, str(number)),
        directory=env.BASE_DIR,
        # `up` has checked the service once already.
        environment={
            **_telling(service, "worker", number),
            "CELERY_SKIP_CHECKS": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(env.state_dir() / "metrics" / numbered(service.name, number)),
        },
        needs=needs(service),
        ready=ready,
        grace=30,
        niceness=BEHIND_THE_PARTS,
    )


def relay(service: Service, number: int = 1) -> Program:
    """A relay; it serves nobody, so it is ready when it tells its metrics."""
    environment = _telling(service, "relay", number)
    host, port = env.metrics_host(), int(environment["METRICS_PORT"])

    def ready() -> bool:
        return http.get(f"http://{host}:{port}/metrics", timeout=5).status_code == 200

    return Program(
        name=numbered(f"{service.name}-relay", number),
        command=(sys.executable, "manage.py", service.name, "relay", "--skip-checks"),
        directory=env.BASE_DIR,
        port=port,
        environment=environment,
        needs=needs(service),
        ready=ready,
        niceness=BEHIND_THE_PARTS,
    )
