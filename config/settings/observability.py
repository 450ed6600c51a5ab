"""Logging: ECS JSON on stdout, one line per event."""

from __future__ import annotations

from typing import Any

from config import env


def logging_config(service: str) -> dict[str, Any]:
    """A ``dictConfig``; the formatter (apps.observability.logging) adds service, correlation and trace ids."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ecs": {"()": "apps.observability.logging.formatter", "service": service}},
        "filters": {"with_traceback": {"()": "apps.observability.logging.WithTraceback"}},
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "formatter": "ecs", "stream": "ext://sys.stdout"}
        },
        # From which level on lines are written: DEBUG, INFO, WARNING or ERROR.
        "root": {"handlers": ["stdout"], "level": env.env.str("LOG_LEVEL", default="INFO")},
        "loggers": {
            "django.server": {"level": "WARNING"},
            # What is refused or not available is in the access line, with its ids.
            "django.request": {"level": "ERROR", "filters": ["with_traceback"]},
            "httpx": {"level": "WARNING"},
            "elastic_transport": {"level": "ERROR"},
            # An outage is a line by itself (PatientExporter), not some for every batch.
            "opentelemetry.exporter": {"level": "CRITICAL"},
            # The servers set these up for themselves before the application is loaded: their lines join ours,
            # without their own access lines (AccessLogMiddleware writes one for every server).
            "uvicorn": {"handlers": [], "propagate": True, "level": "INFO"},
            "uvicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
            "uvicorn.access": {"handlers": [], "propagate": True, "level": "WARNING"},
            "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
            "gunicorn.access": {"handlers": [], "propagate": True, "level": "WARNING"},
        },
    }
