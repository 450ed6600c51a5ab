"""``manage.py <service> relay``: deliver this service's events until stopped."""

from __future__ import annotations

import signal
import threading
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand
from prometheus_client import REGISTRY

from apps.observability import exposition
from apps.outbox import periodic
from apps.outbox.management.sending import load_declarations, refuse_without_relay
from apps.outbox.metrics import OutboxCollector
from apps.outbox.relay.broker import Broker
from apps.outbox.relay.loop import Relay
from apps.outbox.relay.sweeper import free_held, sweep
from apps.outbox.retention import forget_old
from config import env
from config.celery import make_celery


class Command(BaseCommand):
    help = (
        "Deliver this service's events to their subscribers and do its periodic work, until stopped. "
        "Exit code: 0 it was stopped and had finished what it was at."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_without_relay()
        app = make_celery(settings.SERVICE_NAME)
        load_declarations()
        client = redis.Redis.from_url(env.part_url("redis"), socket_timeout=5, socket_connect_timeout=2)
        broker = Broker(app, client)
        relay = Relay(broker.send, broker.load)
        periodic.every(settings.OUTBOX_SWEEP_SECONDS)(lambda: sweep(broker))
        periodic.every(30)(free_held)
        periodic.every(3600)(forget_old)

        REGISTRY.register(OutboxCollector())
        exposition.serve()
        stopping = threading.Event()

        def stop(*_: object) -> None:
            stopping.set()
            relay.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        jobs = periodic.run_until(stopping)
        relay.run()
        for job in jobs:
            job.join(timeout=10)
