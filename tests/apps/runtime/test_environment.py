"""What is said in the environment is taken as it is meant, or refused with its name."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from environ import ImproperlyConfigured

from config import env
from config.env import BASE_DIR, Variables


def told(*command: str, **environment: str) -> tuple[int, str]:
    """The exit code of ``manage.py`` and the last line that it says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize("name", ["HISTORY_KEEP_DAYS", "OUTBOX_KEEP_DAYS", "EXCHANGE_KEEP_DAYS"])
@pytest.mark.parametrize("days", ["-1", "1000000"])
def test_days_that_are_none_forget_nothing(name: str, days: str) -> None:
    """-1 is "for ever" elsewhere: a moment that is to come would forget everything."""
    code, said = told("pricing", "retention", "--dry-run", **{name: days})
    assert code == 1
    assert said == f"pricing: {name} is {days}; it must be a number of days up to 36500, or 0 for ever."


@pytest.mark.parametrize(("environment", "ours"), [("production", False), ("demo", True)])
def test_this_machine_is_an_origin_of_forms_but_in_production(environment: str, ours: bool) -> None:
    show = "from django.conf import settings; print(settings.CSRF_TRUSTED_ORIGINS)"
    public = {
        "CATALOG_ENV": environment,
        "PUBLIC_URL": "https://catalog.example.com",
        "DJANGO_SECRET_KEY": "x" * 60,
    }
    code, said = told("gateway", "shell", "-c", show, **public)
    assert code == 0, said
    assert "https://catalog.example.com" in said
    assert ("http://127.0.0.1:" in said) is ours


@pytest.mark.parametrize("days", [0, 1, 36_500])
def test_days_are_taken(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("HISTORY_KEEP_DAYS", str(days))
    assert env.env.days("HISTORY_KEEP_DAYS", default=7) == days


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        (("status",), "WORKER_COPIES"),
        (("pricing", "relay", "--help"), "OUTBOX_CLAIM"),
        (("status",), "PORT_OFFSET"),
    ],
)
def test_what_is_no_number_is_said_by_its_name(command: tuple[str, ...], variable: str) -> None:
    code, said = told(*command, **{variable: "two"})
    assert code == 1
    assert said.endswith(f"{variable} is 'two'; it must be a number.")


@pytest.mark.parametrize("offset", ["-1", "50000"])
def test_an_offset_that_leads_to_no_port_is_refused(offset: str) -> None:
    code, said = told("status", PORT_OFFSET=offset)
    assert (code, said) == (1, f"PORT_OFFSET is {offset}; it can be 0 to 46335.")


def test_a_service_without_a_database_says_that_it_has_nothing_to_migrate() -> None:
    code, said = told("gateway", "migrate")
    assert code == 1
    assert said.startswith("gateway: settings.DATABASES is improperly configured")


@pytest.mark.parametrize("secret", ["$ecret", "$HOME", "$$", "se$ret"])
def test_a_secret_may_begin_with_a_dollar_sign(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD", secret)
    assert env.secret("postgres_password") == secret


def test_a_number_behind_a_dollar_sign_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOX_CLAIM", "$5")
    with pytest.raises(ImproperlyConfigured, match="OUTBOX_CLAIM is '\\$5'"):
        Variables().int("OUTBOX_CLAIM", default=1)
