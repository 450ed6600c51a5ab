"""What is shown once everything runs is there, with logins that are good there."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.runtime.demonstration import addresses
from config import env


def test_each_console_that_was_started_here_is_shown_with_its_login(instance: Path) -> None:
    shown = {what: (url, login) for what, url, login in addresses() if what}
    own = {part: env.part_public_url(part) for part in ("camunda", "flower", "zipkin")}
    assert shown["Cockpit (the sagas)"] == (
        f"{own['camunda']}/camunda/app/cockpit/",
        f"camunda / {env.secret('CAMUNDA_PASSWORD')}",
    )
    assert shown["Flower (the workers)"] == (
        f"{own['flower']}/",
        f"flower / {env.secret('FLOWER_PASSWORD')}",
    )
    assert shown["Zipkin (the traces)"] == (f"{own['zipkin']}/zipkin/", "public")


def test_a_console_elsewhere_is_shown_where_a_browser_finds_it_without_a_login_of_ours(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMUNDA_URL", "http://engine:8080/engine-rest")
    monkeypatch.setenv("CAMUNDA_PUBLIC_URL", "https://cockpit.example.com")
    [(url, login)] = [(url, login) for what, url, login in addresses() if what.startswith("Cockpit")]
    assert url == "https://cockpit.example.com/camunda/app/cockpit/"
    assert env.secret("CAMUNDA_PASSWORD") not in login


def test_a_console_that_is_not_there_or_whose_pages_nobody_has_named_is_not_shown(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWER_URL", "none")
    monkeypatch.setenv("ZIPKIN_URL", "none")
    monkeypatch.setenv("CAMUNDA_URL", "http://engine:8080/engine-rest")
    shown = [what.split()[0] for what, *_ in addresses() if what]
    assert shown == ["Store", "API", "Admin", "Health"]
