"""The generated secrets of the embedded mode: made once, kept in ``secrets.env`` of the state folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from config import env

GENERATED = (
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "CAMUNDA_PASSWORD",
    "FLOWER_PASSWORD",
    "DJANGO_SECRET_KEY",
    "SERVICE_CLIENT_SECRET",
    # The demo's logins.
    "ADMIN_PASSWORD",
    "MANAGER_PASSWORD",
    "VIEWER_PASSWORD",
)


def secrets_file() -> Path:
    return env.state_dir() / "secrets.env"


def ensure() -> None:
    """Make the secrets that are missing and bring all of them into this process's environment."""
    path = secrets_file()
    text = path.read_text() if path.exists() else ""
    known = {line.split("=", 1)[0] for line in text.splitlines() if "=" in line}
    missing = [name for name in GENERATED if name not in known]
    if missing:
        # Letters, digits, - and _ only: they go into URLs, INI files and Java properties unquoted.
        text += "".join(f"{name}={secrets.token_urlsafe(24)}\n" for name in missing)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(text)
        partial.replace(path)
    env.env.read_env(path)


def without_secrets(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A copy of the environment for a child that must read its own instance's secrets, not inherit ours."""
    path = secrets_file()
    ours = (
        dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
        if path.exists()
        else {}
    )
    return {name: value for name, value in environment.items() if ours.get(name) != value}
