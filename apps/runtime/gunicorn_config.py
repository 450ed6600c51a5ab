"""gunicorn's configuration file, wherever a web process runs: only what it serves and where is said beside it.

uvicorn, which serves the gateway, takes its times from here, too.
"""

from __future__ import annotations

from apps.observability import exposition
from apps.runtime.memory import collect_seldom

worker_class = "apps.runtime.web_worker.Worker"
workers = 1
threads = 8
keepalive = 75
"""Seconds: longer than the gateway keeps an idle connection, so that the server never closes one that is reused."""
limit_request_line = 8190
"""Bytes: as much as there can be; an address may list ids."""
reuse_port = True
"""Not only for copies: a worker that has lost its master ends in its own time, and keeps no other from the port."""
graceful_timeout = 15
timeout = 60
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """The application is loaded: its metrics can be told."""
    exposition.serve()
    collect_seldom()
