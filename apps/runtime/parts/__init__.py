"""The embedded parts: one module each, which says how the part is made, started and known to be ready."""

from __future__ import annotations

from collections.abc import Callable

from apps.runtime.parts import camunda, elasticsearch, flower, mongodb, postgres, redis, zipkin
from apps.runtime.program import Program
from config import env
from config.parts import PARTS

BUILDERS: dict[str, Callable[[], Program]] = {
    "postgres": postgres.program,
    "redis": redis.program,
    "mongodb": mongodb.program,
    "elasticsearch": elasticsearch.program,
    "camunda": camunda.program,
    "zipkin": zipkin.program,
    "flower": flower.program,
}

READY: dict[str, Callable[[], bool]] = {
    "postgres": postgres.ready,
    "redis": redis.ready,
    "mongodb": mongodb.ready,
    "elasticsearch": elasticsearch.ready,
    "camunda": camunda.ready,
    "zipkin": zipkin.ready,
    "flower": flower.ready,
}


def embedded() -> list[str]:
    """Parts that are ours to start."""
    return [name for name in PARTS if not env.part_is_external(name) and not env.part_is_absent(name)]


def external() -> list[str]:
    """Parts that stand elsewhere: used, never started."""
    return [name for name in PARTS if env.part_is_external(name)]
