"""Logging: every line of every process is one JSON object in the Elastic Common Schema.

structlog's and the standard library's loggers meet in one ``ProcessorFormatter``, which
``config/settings/observability.py`` names. What the caller adds lands under ``labels.``; a key
with a dot in it (``url.path``) is an ECS field and stays what it says. Field names are dotted,
which ECS and Elasticsearch take as nested, so that two of them never collide.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import structlog
import wrapt
from opentelemetry import trace

from apps.core import correlation
from apps.observability import redaction

ECS_VERSION = "8.11.0"
_TOP_LEVEL = frozenset({"actor", "correlation_id"})
# What structlog, uvicorn and Celery attach for formatters of their own.
_NOISE = ("_record", "_from_structlog", "color_message", "data")
_encode = json.JSONEncoder(default=repr, separators=(",", ":"), skipkeys=True).encode


def configure() -> None:
    """Send structlog's loggers through the standard library's, so that one handler formats both."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # A receiver, whatever it does, keeps Celery from replacing Django's logging with its own.
    wrapt.register_post_import_hook(
        lambda signals: signals.setup_logging.connect(_keep, weak=False), "celery.signals"
    )


def formatter(*, service: str) -> logging.Formatter:
    """The ``dictConfig`` factory of the ``ecs`` formatter; ``service`` becomes ``service.name``."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars, structlog.stdlib.ExtraAdder()],
        processors=[_Ecs(service), _line],
    )


class _Ecs:
    """A structlog processor: the event dictionary as dotted ECS fields, secrets masked."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: Any, __: str, event: structlog.typing.EventDict) -> dict[str, Any]:
        record: logging.LogRecord = event["_record"]
        for name in _NOISE:
            event.pop(name, None)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            "@timestamp": moment.replace("+00:00", "Z"),
            "log.level": record.levelname.lower(),
            "message": str(event.pop("event", "")),
            "ecs.version": ECS_VERSION,
            "service.name": self._service,
            "log.logger": record.name,
            "process.pid": record.process,
            "correlation_id": event.pop("correlation_id", "") or correlation.current(),
        }
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            fields["trace.id"] = trace.format_trace_id(span.trace_id)
            fields["span.id"] = trace.format_span_id(span.span_id)
        if exc_info := event.pop("exc_info", None):
            fields.update(_error(exc_info))
        for key, value in event.items():
            name = key if key in _TOP_LEVEL or "." in key else f"labels.{key}"
            fields.setdefault(name, redaction.masked(key, value))
        return fields


def _error(exc_info: Any) -> dict[str, str]:
    """ECS ``error.*`` of an exception, given as ``logging`` gives it: True, a triple or the exception."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if not isinstance(error, BaseException):
        return {}
    rendered = structlog.processors.ExceptionRenderer()(None, "", {"exc_info": error})
    return {
        "error.type": type(error).__qualname__,
        "error.message": str(error),
        "error.stack_trace": rendered["exception"],
    }


def _line(_: Any, __: str, fields: structlog.typing.EventDict) -> str:
    return redaction.scrubbed(_encode(fields))


def _keep(**_: object) -> None:
    return None
