"""A Celery application like a service's, for a real worker process."""

from __future__ import annotations

import os
from typing import Any

import django
import structlog
from celery import Celery, Task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalog_services.gateway.settings")
django.setup()

from config import env  # noqa: E402  (after the settings)

app = Celery("tree")
app.conf.update(
    broker_url=env.part_url("redis"),
    task_default_queue=os.environ.get("TREE_QUEUE", "tree"),
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)
log = structlog.get_logger("tree")


@app.task(name="tree.work", bind=True)
def work(self: Task[Any, Any], secret: str) -> None:
    log.info("worked", password=secret)
