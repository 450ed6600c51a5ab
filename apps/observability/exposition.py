"""``/metrics`` of each process, for Prometheus, on a port of its own: 127.0.0.1 unless ``METRICS_HOST`` says otherwise.

Not among a service's URLs: the port that the gateway speaks to has nothing to hide then, and a process without HTTP
(worker, relay) is asked like any other. Without ``METRICS_PORT`` nothing listens.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIServer

import structlog
from celery.signals import worker_process_init, worker_ready
from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config import env

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 5.0
_servers: list[WSGIServer] = []


def serve(registry: CollectorRegistry = REGISTRY) -> None:
    """Tell this process's metrics from now on. A port that is taken is no reason not to work: whoever was here before
    may still be finishing, or a connection may have got it, so that it is tried again in the background."""
    port = env.metrics_port()
    if port is None:
        return
    try:
        _listen(port, registry)
    except OSError as error:
        log.warning("metrics are not told", port=port, reason=str(error))
        Thread(target=_listen_later, args=(port, registry), name="metrics", daemon=True).start()


def _listen(port: int, registry: CollectorRegistry) -> None:
    server, _ = start_http_server(port, addr=env.metrics_host(), registry=registry)
    _servers.append(server)


def _listen_later(port: int, registry: CollectorRegistry) -> None:
    while True:
        time.sleep(PAUSE_SECONDS)
        with suppress(OSError):
            _listen(port, registry)
            log.info("metrics are told", port=port)
            return


def serve_worker(*collectors: Collector) -> None:
    """Tell the metrics of a worker's processes together, once they have been started, and those of ``collectors``.

    Each process keeps its figures in a file (``PROMETHEUS_MULTIPROC_DIR``), which outlives it: what a process counted
    that was killed still counts. Those of the worker before this one go.
    """
    # The folder in which a worker's processes keep their figures; made anew at each start.
    directory = env.env.str("PROMETHEUS_MULTIPROC_DIR", default="")
    if not directory:
        return
    shutil.rmtree(directory, ignore_errors=True)
    Path(directory).mkdir(parents=True)

    def ready(**_: object) -> None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, directory)  # type: ignore[no-untyped-call]
        for collector in collectors:
            registry.register(collector)
        serve(registry)

    worker_ready.connect(ready, weak=False, dispatch_uid="metrics")
    worker_process_init.connect(_close, weak=False, dispatch_uid="metrics")


def _close(**_: object) -> None:
    """A process that is forked later has its parent's port, which must be free again when the parent is gone."""
    for server in _servers:
        server.socket.close()
