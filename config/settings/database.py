"""PostgreSQL: one database per service; threads and worker processes keep their connection."""

from __future__ import annotations

from typing import Any

from config import env
from config.services import Service

SILENCE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""Of a server that says nothing any more (a host that lost its power, a cut network): asked after 10 s, given up after
three answers that did not come, or when what was sent is not taken for 20 s. Without it that takes hours. By libpq's
names and units; ``apps.core.sessions`` has the server do the same with its client."""


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
                **SILENCE,
                **parsed.get("OPTIONS", {}),
                "connect_timeout": 5,
                "application_name": f"catalog-{service.name}",
            },
        }
    }
