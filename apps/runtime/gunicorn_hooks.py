"""gunicorn's configuration file: what a web process does beside serving."""

from __future__ import annotations

from apps.observability import exposition
from apps.runtime.memory import collect_seldom

worker_class = "apps.runtime.web_worker.Worker"
limit_request_line = 8190
"""Bytes: as much as there can be; an address may list ids."""


def post_worker_init(worker: object) -> None:
    """The application is loaded: its metrics can be told."""
    exposition.serve()
    collect_seldom()
