"""Logging: every line of every process is one JSON object in the Elastic Common Schema.

structlog's and the standard library's loggers meet in one formatter, which
``config/settings/observability.py`` names. What the caller adds lands under ``labels.``; a key
with a dot in it (``url.path``) is an ECS field and stays what it says. Field names are dotted,
which ECS and Elasticsearch take as nested, so that two of them never collide.

It is a formatter of our own, not structlog's ProcessorFormatter with ecs_logging: the same line at a
third of the cost, which counts where every request of the suite writes one.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final

import structlog
import wrapt
from opentelemetry import trace

from apps.core import correlation
from apps.observability import redaction

ECS_VERSION = "8.11.0"
_TOP_LEVEL: Final = frozenset({"actor", "correlation_id"})
# What every record has, and what uvicorn and Celery attach for formatters of their own.
_NOT_EXTRA: Final = frozenset(
    {*logging.makeLogRecord({}).__dict__, "message", "asctime", "color_message", "data"}
)
_encode = json.JSONEncoder(default=repr, separators=(",", ":"), skipkeys=True).encode


def configure() -> None:
    """Send structlog's loggers through the standard library's, so that one handler formats both."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            _as_message,
        ],
        logger_factory=logging.getLogger,
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # Python's warnings are lines like any other.
    logging.captureWarnings(True)
    # Nothing reads these, and looking them up is a fifth of a line's cost (the logging HOWTO's advice).
    logging.logThreads = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # since Python 3.12; typeshed does not know it
    # A receiver, whatever it does, keeps Celery from replacing Django's logging with its own.
    wrapt.register_post_import_hook(
        lambda signals: signals.setup_logging.connect(_keep, weak=False), "celery.signals"
    )


def formatter(*, service: str) -> logging.Formatter:
    """The ``dictConfig`` factory of the ``ecs`` formatter; ``service`` becomes ``service.name``."""
    return EcsFormatter(service)


class EcsFormatter(logging.Formatter):
    """A record, whoever made it, as one line of JSON with dotted ECS fields and without secrets."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        said = _said(record)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        bound = structlog.contextvars.get_contextvars()
        fields: dict[str, Any] = {
            "@timestamp": f"{moment[:-6]}Z",
            "log.level": record.levelname.lower(),
            "message": said.pop("event", ""),
            "ecs.version": ECS_VERSION,
            "service.name": self._service,
            "log.logger": record.name,
            "process.pid": record.process,
            "correlation_id": bound.get("correlation_id") or correlation.current(),
        }
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            fields["trace.id"] = trace.format_trace_id(span.trace_id)
            fields["span.id"] = trace.format_span_id(span.span_id)
        if exc_info := said.pop("exc_info", None) or record.exc_info:
            fields.update(_error(exc_info))
        for source in (said, bound):
            for key, value in source.items():
                name = key if key in _TOP_LEVEL or "." in key else f"labels.{key}"
                fields.setdefault(name, redaction.masked(key, value))
        return redaction.scrubbed(_encode(fields))


def _as_message(
    _: Any, __: str, event: structlog.typing.EventDict
) -> tuple[tuple[dict[str, Any]], dict[str, Any]]:
    """The last processor: the whole event dictionary becomes the record's message, for the formatter to read."""
    return (dict(event),), {"exc_info": event["exc_info"]} if "exc_info" in event else {}


def _said(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller said: structlog's event dictionary, or a plain message and its extras."""
    if isinstance(record.msg, dict) and "event" in record.msg:
        return {**record.msg, "event": str(record.msg["event"])}
    extras = {key: value for key, value in record.__dict__.items() if key not in _NOT_EXTRA}
    return {**extras, "event": record.getMessage()}


def _error(exc_info: Any) -> dict[str, str]:
    """ECS ``error.*`` of an exception, given as ``logging`` gives it: True, a triple or the exception."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if not isinstance(error, BaseException):
        return {}
    return {
        "error.type": type(error).__qualname__,
        "error.message": str(error),
        "error.stack_trace": "".join(traceback.format_exception(error)).rstrip(),
    }


def _keep(**_: object) -> None:
    return None
