"""One Celery application per service, all made the same way."""

from __future__ import annotations

import os
import sys

from celery import Celery
from celery.signals import task_prerun, worker_init
from django.conf import settings
from django.db import close_old_connections

from apps.observability import exposition
from apps.observability.celery import measure_tasks
from config.services import SERVICES


def make_celery(name: str) -> Celery:
    """The Celery app of a service: its settings' ``CELERY`` dict, its tasks and its saga workers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SERVICES[name].settings_module)
    app = Celery(name)
    app.conf.update(settings.CELERY)
    # Celery would log on to PostgreSQL anew for every task; each is a request to Django here, as it is in the web.
    app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
    task_prerun.connect(_as_a_request_begins, weak=False, dispatch_uid="close_old_connections")
    measure_tasks()
    worker_init.connect(_tell_metrics, weak=False, dispatch_uid="metrics")
    app.autodiscover_tasks(["apps.outbox", "apps.saga", "apps.exchange", SERVICES[name].module])
    app.autodiscover_tasks([SERVICES[name].module], related_name="saga")
    app.steps["worker"].add("apps.saga.bootstep:SagaWorker")
    return app


def _tell_metrics(**_: object) -> None:
    from apps.outbox.metrics import QueueCollector

    exposition.serve_worker(QueueCollector(SERVICES[settings.SERVICE_NAME].queues))


def _as_a_request_begins(**_: object) -> None:
    """A connection that has died, or has lived for CONN_MAX_AGE, is replaced at its next use."""
    close_old_connections()
