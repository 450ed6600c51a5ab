"""``python -m apps.runtime.worker <service> [number]``: the service's Celery worker, without Celery's command line.

Celery's command line loads every plug-in command in every worker: Flower with its web server and a terminal
library, a fifth of the start and 15 MB each; and its worker may stay when it has failed (``EndingWorker``).
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module

import psutil
from celery.apps.worker import Worker

from apps.runtime import processes
from apps.runtime.memory import keep_what_is_loaded
from config.services import SERVICES, Service

PROCESSES = 2
LEAVE_SECONDS = 5.0
"""A worker that has failed ends what it does within these, or is ended."""


def node(service: Service, number: int = 0) -> str:
    """The worker's name among Celery's nodes; ``number`` counts the workers of one service on a machine from 1.

    Without one the host tells them apart, as each container is one.
    """
    if not number:
        return f"{service.name}@{socket.gethostname()}"
    return f"{service.name}@catalog" if number == 1 else f"{service.name}-{number}@catalog"


def queues(service: Service) -> list[str]:
    """Events, saga steps and jobs apart, so that a burst of one cannot starve the others."""
    return list(service.queues)


class EndingWorker(Worker):
    """A worker that ends when it has failed: its supervisor starts another, which works at once.

    Celery's own waits for its processes, which may wait for it: to be told what they did before they go.
    """

    def stop(self, in_sighandler: bool = False, exitcode: int | None = None) -> None:
        if exitcode:
            leaving = threading.Timer(LEAVE_SECONDS, _leave, [exitcode])
            leaving.daemon = True
            leaving.start()
        super().stop(in_sighandler, exitcode)


def _leave(exitcode: int) -> None:
    for child in processes.family(os.getpid())[1:]:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    os._exit(exitcode)


def main(name: str, number: int = 0) -> int:
    service = SERVICES[name]
    app = import_module(f"{service.module}.celery").app
    app.set_default()
    app.loader.import_default_modules()
    keep_what_is_loaded()
    worker = EndingWorker(
        app=app,
        hostname=node(service, number),
        queues=queues(service),
        pool="prefork",
        concurrency=PROCESSES,
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
