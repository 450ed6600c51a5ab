"""The migrations that this version of the suite knows, of all services together.

``python -m apps.runtime.backup.known`` prints them: Django is set up with all services in one, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

from config import env


@cache
def known_migrations() -> frozenset[str]:
    """``app.name``, squashed ones included."""
    command = [sys.executable, "-m", "apps.runtime.backup.known"]
    done = subprocess.run(command, cwd=env.BASE_DIR, stdout=subprocess.PIPE, check=True)
    return frozenset(json.loads(done.stdout))


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.everything"
    import django
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    found = MigrationLoader(None).disk_migrations
    replaced = {key for migration in found.values() for key in migration.replaces}
    print(json.dumps(sorted(f"{app}.{name}" for app, name in {*found, *replaced})))


if __name__ == "__main__":
    main()
