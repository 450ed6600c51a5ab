"""docker-compose.yml as the tests look at it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from config import env
from config.services import SERVICES

FILE = env.BASE_DIR / "docker-compose.yml"
INFRA = env.BASE_DIR / "config" / "infra"
# What each part listens on inside its container; the suite's own processes are in config/services.py.
LISTENS = {
    "postgres": 5432,
    "redis": 6379,
    "mongodb": 27017,
    "elasticsearch": 9200,
    "camunda": 8080,
    "operaton": 8080,
    "zipkin": 9411,
    "flower": 5555,
    "otel-collector": 4318,
    "logstash": 24224,
    "kibana": 5601,
    "prometheus": 9090,
    "grafana": 3000,
    **{service.name: service.port for service in SERVICES.values()},
}
_SUBSTITUTION = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^{}]*))?\}")


def filled(text: str, value: str = "given", *, engine: str = "camunda") -> str:
    """``text`` with Compose's substitutions made: defaults where there are some, ``engine`` as the profile, else
    ``value``."""

    def said(one: re.Match[str]) -> str:
        if one["how"] == "-":
            return one["rest"]
        return engine if one["name"] == "COMPOSE_PROFILES" else value

    while (replaced := _SUBSTITUTION.sub(said, text)) != text:
        text = replaced
    return text


def environment(service: dict[str, Any]) -> dict[str, str]:
    """What a container is told; a variable without a value is passed on from .env, if it is there."""
    given = service.get("environment", {}).items()
    return {name: str(value) for name, value in given if value is not None}


def is_ours(service: dict[str, Any]) -> bool:
    """Whether a container runs the suite's own image."""
    return service["image"] == "catalog-suite"


def megabytes(limit: str) -> int:
    """Of ``512m`` or ``1g``."""
    return int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]]


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The whole file."""
    return yaml.safe_load(FILE.read_text())


@pytest.fixture(scope="session")
def compose(document: dict[str, Any]) -> dict[str, Any]:
    """Its containers by their names."""
    return document["services"]
