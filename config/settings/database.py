"""PostgreSQL: one database per service; threads and worker processes keep their connection."""

from __future__ import annotations

from typing import Any

from config import env
from config.services import Service


def databases(service: Service) -> dict[str, Any]:
    """``DATABASES`` of a service; empty for one without a database."""
    if not service.database:
        return {}
    parsed = env.env.db_url_config(env.database_url(service.name))
    return {
        "default": {
            **parsed,
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                **parsed.get("OPTIONS", {}),
                "connect_timeout": 5,
                "application_name": f"catalog-{service.name}",
            },
        }
    }
