"""Logging: every line of every process is one JSON object in the Elastic Common Schema.

structlog's and the standard library's loggers meet in one ``ProcessorFormatter``, which
``config/settings/observability.py`` names. What the caller adds lands under ``labels``; a key
with a dot in it (``url.path``) is an ECS field and goes where it says.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import ecs_logging
import structlog
import wrapt
from opentelemetry import trace

from apps.core import correlation
from apps.observability import redaction

_render = ecs_logging.StructlogFormatter()
_TOP_LEVEL = frozenset({"actor", "correlation_id"})
# What the standard library and other people's handlers attach and nobody reads in a log line.
_DROPPED = ("_record", "_from_structlog", "positional_args", "stack", "color_message")


def configure() -> None:
    """Send structlog's loggers through the standard library's, so that one handler formats both."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # A receiver, whatever it does, keeps Celery from replacing Django's logging with its own.
    wrapt.register_post_import_hook(lambda signals: signals.setup_logging.connect(_keep, weak=False), "celery.signals")


def _keep(**_: object) -> None:
    return None


def formatter(*, service: str) -> logging.Formatter:
    """The ``dictConfig`` factory of the ``ecs`` formatter; ``service`` becomes ``service.name``."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[_Ecs(service), _line],
    )


class _Ecs:
    """A structlog processor: the event dictionary as ECS fields."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: Any, __: str, event: structlog.typing.EventDict) -> dict[str, Any]:
        record: logging.LogRecord = event["_record"]
        for name in _DROPPED:
            event.pop(name, None)
        fields: dict[str, Any] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "event": str(event.pop("event", "")),
            "log.level": event.pop("level", record.levelname.lower()),
            "log.logger": event.pop("logger", record.name),
            "process.pid": record.process,
            "service.name": self._service,
            "correlation_id": event.pop("correlation_id", "") or correlation.current(),
        }
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            fields["trace.id"] = trace.format_trace_id(span.trace_id)
            fields["span.id"] = trace.format_span_id(span.span_id)
        fields.update(_error(event.pop("exc_info", None) or record.exc_info))
        labels: dict[str, Any] = {}
        for key, value in event.items():
            target = fields if key in _TOP_LEVEL or "." in key else labels
            target.setdefault(key, redaction.masked(key, value))
        if labels:
            fields["labels"] = labels
        return fields


def _error(exc_info: Any) -> Mapping[str, str]:
    """ECS ``error.*`` of an exception; empty without one."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if not isinstance(error, BaseException):
        return {}
    return {
        "error.type": type(error).__qualname__,
        "error.message": str(error),
        "error.stack_trace": structlog.processors.ExceptionRenderer()(None, "", {"exc_info": error})["exception"],
    }


def _line(logger: Any, name: str, fields: structlog.typing.EventDict) -> str:
    """The JSON text. A line that cannot be rendered is still logged, as what it is."""
    kept = {name: fields[name] for name in ("@timestamp", "log.level", "service.name", "correlation_id", "event")}
    try:
        text = _render(logger, kept["log.level"], fields)
    except (TypeError, ValueError) as problem:
        text = _render(logger, kept["log.level"], {**kept, "error.message": f"fields not rendered: {problem!r}"})
    return redaction.scrubbed(text)
