"""The first step of every README command: what broke off is made anew, what is there is left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config import env

PYTHON = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exit 0
mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo >>made
[ -e works ] || exit 1
printf '#!/bin/sh\\n' >"$3/bin/uv" && chmod +x "$3/bin/uv"
"""
"""A stand-in: a Python whose ``venv`` leaves half of one until there is a file ``works``."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("config/infra/bootstrap.sh", "requirements/base.lock", "requirements/dev.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(env.BASE_DIR / name, tmp_path / name)
    python = tmp_path / "path" / "python3.12"
    python.parent.mkdir()
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def bootstrap(checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{checkout / 'path'}:{os.defpath}", "HOME": str(checkout)}
    command = [checkout / "config" / "infra" / "bootstrap.sh", "base"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def made(checkout: Path) -> int:
    return (checkout / "made").read_text().count("\n")


def test_a_venv_that_was_left_half_made_is_made_anew_once_it_can_be(checkout: Path) -> None:
    first = bootstrap(checkout)
    assert first.returncode == 1
    assert "install its -venv package" in first.stderr
    (checkout / "works").touch()
    second = bootstrap(checkout)
    assert (second.returncode, second.stderr) == (0, "")
    assert made(checkout) == 2


def test_one_that_has_what_the_lock_says_is_left_alone(checkout: Path) -> None:
    (checkout / "works").touch()
    assert [bootstrap(checkout).returncode for _ in range(2)] == [0, 0]
    assert made(checkout) == 1
    (checkout / "requirements" / "base.lock").write_text("# another")
    assert "Installing requirements/base.lock" in bootstrap(checkout).stdout
    assert made(checkout) == 1
