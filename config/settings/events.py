"""Celery and the outbox: how events travel."""

from __future__ import annotations

from typing import Any

from config import env
from config.services import Service

# Above the hard time limit, or Redis would hand a running task to a second worker.
VISIBILITY_TIMEOUT = 120


def celery(service: Service) -> dict[str, Any]:
    """Celery's settings, under the ``CELERY`` namespace (lower-case keys, as in Celery's documentation)."""
    return {
        "broker_url": env.part_url("redis"),
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "queue_order_strategy": "round_robin",
            # A sender's pauses while the broker is down (for 4 s in all, then it is told).
            "interval_start": 0.2,
            "interval_step": 0.2,
            "interval_max": 1.0,
        },
        "worker_consumer": "apps.outbox.celery_consumer:SuiteConsumer",
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_default_queue": service.events_queue,
        "task_create_missing_queues": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": 60,
        "task_soft_time_limit": 50,
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        "worker_soft_shutdown_timeout": 10,
        "worker_enable_soft_shutdown_on_idle": False,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_send_task_events": True,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "timezone": "UTC",
    }


# Deliveries that a relay claims at once, at most.
OUTBOX_CLAIM = env.env.int("OUTBOX_CLAIM", default=500)
# Events that one message carries, at most; large ones are fewer, so that it has about a megabyte.
OUTBOX_BATCH = env.env.int("OUTBOX_BATCH", default=100)
# Seconds: the poll that stands in for a lost NOTIFY.
OUTBOX_POLL_SECONDS = 1.0
# Seconds between two looks for deliveries that were sent and not answered.
OUTBOX_SWEEP_SECONDS = env.env.float("OUTBOX_SWEEP_SECONDS", default=1.0)
# Seconds after which a delivery that was not answered is sent again; then after twice as long, up to five minutes.
OUTBOX_RESEND_AFTER_SECONDS = env.env.float("OUTBOX_RESEND_AFTER_SECONDS", default=3.0)
# Messages that may wait in a subscriber's queue; what more there is stays in the outbox.
OUTBOX_QUEUE_LIMIT = env.env.int("OUTBOX_QUEUE_LIMIT", default=200)
# Seconds: a delivery that takes longer is told of by /health/ready.
OUTBOX_LATE_SECONDS = env.env.float("OUTBOX_LATE_SECONDS", default=30.0)
# Tries of an event whose handler fails unexpectedly, before it is a dead letter.
OUTBOX_MAX_ATTEMPTS = env.env.int("OUTBOX_MAX_ATTEMPTS", default=5)
# Days that the history of every aggregate (its events) goes back; 0: for ever.
HISTORY_KEEP_DAYS = env.env.days("HISTORY_KEEP_DAYS", default=0)
# Days that a settled delivery is kept for looking back, and one to a service that subscribes no more (0: for ever).
# What a subscriber has not applied is kept for ever.
OUTBOX_KEEP_DAYS = env.env.days("OUTBOX_KEEP_DAYS", default=30)
