"""The generated secrets of the embedded mode: made once, kept in ``secrets.env`` of the state folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from apps.runtime.errors import NothingIsStartedHere
from config import env

GENERATED = {
    "POSTGRES_PASSWORD": "Of the user `catalog` in the PostgreSQL that is started here.",
    "REDIS_PASSWORD": "Of the Redis that is started here.",
    "CAMUNDA_PASSWORD": "Of the user `camunda` in the process engine that is started here, for Cockpit, too.",
    "FLOWER_PASSWORD": "Of the user `flower` in Flower.",
    "DJANGO_SECRET_KEY": "Django's own, for CSRF tokens; identity's signing keys are encrypted with it.",
    "SERVICE_CLIENT_SECRET": "With this a service proves who it is to identity; `<SERVICE>_CLIENT_SECRET`: its own.",
    "ADMIN_PASSWORD": "Of the demo's user `admin`: set when it is made, and when this is changed.",
    "MANAGER_PASSWORD": "Of the demo's user `manager`: set when it is made, and when this is changed.",
    "VIEWER_PASSWORD": "Of the demo's user `viewer`: set when it is made, and when this is changed.",
}
"""The secrets that are made, and what each is for."""


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
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.touch(mode=0o600)
            partial.write_text(text)
            partial.replace(path)
        except OSError as error:
            raise NothingIsStartedHere(
                f"The secrets of what would be started here cannot be kept in {path}: {error.strerror}."
                " Where the suite runs elsewhere, `manage.py doctor` asks how it is."
            ) from error
    env.env.read_env(path)


def forget() -> None:
    """Take what was read from the file out of this process's environment: it goes, and the next ones are others."""
    for name in os.environ.keys() - without_secrets().keys():
        os.environ.pop(name)


def without_secrets(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A copy of the environment for a child that must read its own instance's secrets, not inherit ours."""
    path = secrets_file()
    ours = (
        dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
        if path.exists()
        else {}
    )
    return {name: value for name, value in environment.items() if ours.get(name) != value}
