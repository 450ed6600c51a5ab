"""``python -m apps.runtime.image``: what an image has ready: translations, every service's static files."""

from __future__ import annotations

from apps.runtime import languages, services, setup


def main() -> None:
    languages.compile_catalogs()
    for service in services.with_database():
        setup.run(service.name, setup.STATIC_FILES)


if __name__ == "__main__":
    main()
