"""One Celery application per service, all made the same way."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

from config.services import SERVICES


def make_celery(name: str) -> Celery:
    """The Celery app of a service: its settings' ``CELERY`` dict, its tasks and its saga workers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SERVICES[name].settings_module)
    app = Celery(name)
    app.conf.update(settings.CELERY)
    app.autodiscover_tasks(["apps.outbox", "apps.saga", SERVICES[name].module])
    app.autodiscover_tasks([SERVICES[name].module], related_name="saga")
    app.steps["worker"].add("apps.saga.bootstep:SagaWorker")
    return app
