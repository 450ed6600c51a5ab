"""The registry of the parts that are not ours: databases, broker, engines, consoles.

Each part has a default port (before PORT_OFFSET), the environment variable that points the suite
at one standing elsewhere, and the URL the embedded one answers at. ``manage.py up`` starts a part
only when its variable is not set. Consoles (``OPTIONAL``) can be left out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One external engine. ``url`` takes ``port`` and the generated passwords by name."""

    name: str
    port: int
    variable: str
    url: str


PROCESS_ENGINES = ("camunda", "operaton")
"""What the part ``camunda`` may be: Camunda 7, or its fork, with the same REST API. ``ENGINE`` says which."""

OPTIONAL = frozenset({"zipkin", "flower"})
"""The suite works without them. One whose URL is ``NOWHERE`` is not there, and nobody misses it."""
NOWHERE = "none"

PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("postgres", 15432, "POSTGRES_URL", "postgresql://catalog:{postgres_password}@127.0.0.1:{port}"),
        Part("redis", 16379, "REDIS_URL", "redis://:{redis_password}@127.0.0.1:{port}/0"),
        Part("mongodb", 17117, "MONGODB_URL", "mongodb://127.0.0.1:{port}/"),
        Part("elasticsearch", 19200, "ELASTICSEARCH_URL", "http://127.0.0.1:{port}"),
        Part(
            "camunda", 8085, "CAMUNDA_URL", "http://camunda:{camunda_password}@127.0.0.1:{port}/engine-rest"
        ),
        Part("zipkin", 9411, "ZIPKIN_URL", "http://127.0.0.1:{port}"),
        Part("flower", 5555, "FLOWER_URL", "http://127.0.0.1:{port}"),
    )
}
