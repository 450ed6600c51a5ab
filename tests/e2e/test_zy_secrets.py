"""After everything else: of all that was logged meanwhile, by whomever, nothing is a secret."""

from __future__ import annotations

import re

from apps.runtime import paths
from apps.runtime.credentials import GENERATED
from config import env

TOKEN = re.compile(rb"eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}")


def test_no_log_has_a_secret_or_a_token_in_it(manager):
    secrets = {name: env.secret(name).encode() for name in GENERATED}
    assert all(secrets.values())
    secrets["a token of this run"] = manager.token.encode()
    found: list[str] = []
    logs = [path for path in paths.log_dir().rglob("*.log*") if path.is_file()]
    assert len(logs) > 20
    for path in logs:
        said = path.read_bytes()
        found += [f"{path.name}: {name}" for name, value in secrets.items() if value in said]
        found += [f"{path.name}: {one[:30]!r}" for one in TOKEN.findall(said)[:3]]
    assert found == []
