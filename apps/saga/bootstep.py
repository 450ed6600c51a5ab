"""The Celery worker's part in the saga: a poller that starts and stops with it."""

from __future__ import annotations

import socket
from typing import Any

import structlog
from celery import bootsteps
from django.conf import settings

from apps.core.ids import uuid7
from apps.saga import broker
from apps.saga.client import READ_SECONDS, Engine
from apps.saga.poller import Poller
from apps.saga.registry import STEPS
from apps.saga.room import WorkersRoom
from apps.saga.tasks import dispatcher
from config.services import SERVICES

log = structlog.get_logger(__name__)


class SagaWorker(bootsteps.StartStopStep):
    """Polls while this worker consumes the service's saga queue; a service without steps has no poller."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self._poller: Poller | None = None

    def start(self, worker: Any) -> None:
        service = SERVICES[settings.SERVICE_NAME]
        if not STEPS.topics or service.saga_queue not in worker.app.amqp.queues.consume_from:
            return
        self._poller = Poller(
            name=f"{service.name}@{socket.gethostname()}/{uuid7().hex[-12:]}",
            topics=STEPS.topics,
            engine=Engine(read_seconds=settings.SAGA_POLL_SECONDS + READ_SECONDS),
            # One message runs and one waits per process, so that none is ever idle for want of an answer.
            room=WorkersRoom(broker.client(), service.saga_queue, limit=2 * worker.concurrency),
            dispatch=dispatcher(worker.app),
        )
        self._poller.start()
        log.info("saga poller started", topics=STEPS.topics)

    def stop(self, worker: Any) -> None:
        if self._poller is not None:
            self._poller.stop()
            self._poller = None

    terminate = stop
