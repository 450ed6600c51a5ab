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
from functools import lru_cache
from typing import Any, Final

import structlog
import wrapt
from opentelemetry import trace

from apps.core import correlation
from apps.observability import redaction

ECS_VERSION = "8.11.0"
_TOP_LEVEL: Final = frozenset({"actor", "correlation_id"})
_SAID_OTHERWISE: Final = frozenset(
    {"log.level", "ecs.version", "service.name", "log.logger", "process.pid", "event", "exc_info"}
)
# What every record has, and what uvicorn, Celery and Django attach for formatters of their own (a request is
# written with its query).
_NOT_EXTRA: Final = frozenset(
    {
        *logging.makeLogRecord({}).__dict__,
        "message",
        "asctime",
        "color_message",
        "data",
        "request",
        "status_code",
    }
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


class WithTraceback(logging.Filter):
    """For Django's lines about answers: what has none is in the access line, with its ids."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


def formatter(*, service: str) -> logging.Formatter:
    """The ``dictConfig`` factory of the ``ecs`` formatter; ``service`` becomes ``service.name``."""
    return EcsFormatter(service)


class Batch(list[tuple[float, dict[str, Any]]]):
    """Many lines as the message of one record: when each was said (Unix seconds), and its fields.

    The fields have their ECS names already, and nothing is added to them of what is around when they are written.
    """


class EcsFormatter(logging.Formatter):
    """A record, whoever made it, as one line of JSON with dotted ECS fields and without secrets.

    A record of a ``Batch`` is as many lines as that has.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        constants = _constants(self._service, record.levelname, record.name, record.process)
        if isinstance(record.msg, Batch):
            return "\n".join(
                _line(constants, {"@timestamp": _timestamp(created), **fields})
                for created, fields in record.msg
            )
        said = _said(record)
        bound = structlog.contextvars.get_contextvars()
        # What a line says of itself goes before what is around it when it is written: it may be written later.
        fields: dict[str, Any] = {
            "@timestamp": _timestamp(record.created),
            "message": said["event"],
            "correlation_id": said.get("correlation_id")
            or bound.get("correlation_id")
            or correlation.current(),
        }
        if "trace.id" not in said:
            fields.update(span_fields(trace.get_current_span().get_span_context()))
        if exc_info := said.get("exc_info") or record.exc_info:
            fields.update(_error(exc_info))
        for source in (said, bound):
            for key, value in source.items():
                name = _field(key)
                if name is not None and name not in fields:
                    fields[name] = redaction.masked(key, value)
        return _line(constants, fields)


def span_fields(span: trace.SpanContext) -> dict[str, str]:
    """The ECS fields that tie a line to its span; none without a trace."""
    if not span.is_valid:
        return {}
    return {"trace.id": trace.format_trace_id(span.trace_id), "span.id": trace.format_span_id(span.span_id)}


@lru_cache(maxsize=256)
def _constants(service: str, level: str, logger: str, pid: int | None) -> str:
    """The fields that all lines of a logger share, as the open beginning of a JSON object."""
    fields = {
        "log.level": level.lower(),
        "ecs.version": ECS_VERSION,
        "service.name": service,
        "log.logger": logger,
        "process.pid": pid,
    }
    return redaction.scrubbed(_encode(fields))[:-1]


def _line(constants: str, fields: dict[str, Any]) -> str:
    return f"{constants},{redaction.scrubbed(_encode(fields))[1:]}"


def _timestamp(created: float) -> str:
    return f"{_second(int(created))}.{int(created % 1 * 1000):03d}Z"


@lru_cache(maxsize=4)
def _second(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%dT%H:%M:%S}"


@lru_cache(maxsize=2048)
def _field(key: str) -> str | None:
    """The ECS field that a caller's key becomes; None for what the line says in another way."""
    if key in _SAID_OTHERWISE:
        return None
    return key if key in _TOP_LEVEL or "." in key else f"labels.{key}"


def _as_message(
    _: Any, __: str, event: structlog.typing.EventDict
) -> tuple[tuple[dict[str, Any]], dict[str, Any]]:
    """The last processor: the whole event dictionary becomes the record's message, for the formatter to read."""
    return (dict(event),), {"exc_info": event["exc_info"]} if "exc_info" in event else {}


def _said(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller said: structlog's event dictionary, or a plain message and its extras."""
    if isinstance(record.msg, dict) and "event" in record.msg:
        return (
            record.msg
            if type(record.msg["event"]) is str
            else {**record.msg, "event": str(record.msg["event"])}
        )
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
