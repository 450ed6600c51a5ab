"""The browser of the tests: where it is looked for, and what is said where there is none."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import chromium as support
from tests.support.chromium import SHELL, NoBrowser, found, go_without


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """A machine with what a test puts on its ``path``; ``own`` is where Playwright's browser would be."""
    there = SimpleNamespace(path={}, own=tmp_path / "chrome", ran=[])
    monkeypatch.setattr(support.shutil, "which", there.path.get)

    def run(command: list[str], **_: Any) -> Any:
        there.ran.append(command[1])
        if command[1] == "install":
            there.path[SHELL] = f"/usr/bin/{SHELL}"
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(support.subprocess, "run", run)
    there.playwright = SimpleNamespace(chromium=SimpleNamespace(executable_path=str(there.own)))
    return there


def test_one_on_path_is_taken_then_playwrights_then_debians(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.path["apt-get"] = "/usr/bin/apt-get"
    machine.own.touch()
    machine.path["google-chrome"] = "/opt/chrome"
    assert found(machine.playwright) == "/opt/chrome"
    del machine.path["google-chrome"]
    assert found(machine.playwright) == str(machine.own)
    machine.own.unlink()
    assert machine.ran == []
    assert found(machine.playwright) == f"/usr/bin/{SHELL}"
    assert machine.ran == ["update", "install"]


@pytest.mark.parametrize(("user", "path"), [(1000, {"apt-get": "/usr/bin/apt-get"}), (0, {})])
def test_where_none_may_be_installed_that_is_said(machine, monkeypatch, user, path):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    machine.path.update(path)
    with pytest.raises(NoBrowser, match="may not be installed here"):
        found(machine.playwright)
    assert machine.ran == []


def test_without_one_the_tests_say_so_and_where_nobody_looks_they_fail(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NO BROWSER"):
        go_without(NoBrowser("none"))
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="need a browser: none"):
        go_without(NoBrowser("none"))
