"""The chart's backups: an archive each night, and the old ones go once a new one is whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from time import time
from typing import Any

import pytest

from tests.apps.runtime.helm.conftest import container, of_kind, pod

FOLDER = "/backups"
DAY = 86_400
KEPT, TOO_OLD = "catalog-20260101T021700Z.backup", "catalog-20251201T021700Z.backup"
BROKEN_OFF = "catalog-20251231T021700Z.backup.partial"


@pytest.fixture
def job(objects) -> dict[str, Any]:
    (one,) = of_kind(objects, "CronJob")
    return one


def test_without_a_claim_there_is_none(render) -> None:
    assert of_kind(render(), "CronJob") == []


def test_it_writes_to_the_claim(job) -> None:
    claims = {
        one["name"]: one["persistentVolumeClaim"]
        for one in pod(job)["volumes"]
        if "persistentVolumeClaim" in one
    }
    assert claims == {"backups": {"claimName": "backups"}}
    assert {"name": "backups", "mountPath": FOLDER} in container(job)["volumeMounts"]


@pytest.mark.parametrize("works", [True, False])
def test_old_archives_go_when_a_new_one_is_whole(job, tmp_path: Path, works: bool) -> None:
    """With a stand-in for the command, which is tested by itself."""
    backups, commands = tmp_path / "backups", tmp_path / "bin"
    for folder in (backups, commands):
        folder.mkdir()
    for name, days in ((KEPT, 29), (TOO_OLD, 32), (BROKEN_OFF, 1), ("notes.txt", 400)):
        (backups / name).touch()
        os.utime(backups / name, times=(time() - days * DAY,) * 2)
    stand_in = commands / "python"
    stand_in.write_text(
        f'#!/bin/sh\n[ "$1 $2" = "manage.py backup" ] && {"touch" if works else "false"} "$3"\n'
    )
    stand_in.chmod(0o755)
    shell, option, script = container(job)["command"]
    done = subprocess.run(
        [shell, option, script.replace(FOLDER, str(backups))],
        env={"PATH": f"{commands}:{os.environ['PATH']}"},
        check=False,
    )
    assert (done.returncode == 0) is works
    left = {one.name for one in backups.iterdir()}
    assert (TOO_OLD in left) is not works
    assert BROKEN_OFF not in left
    assert {KEPT, "notes.txt"} <= left
    assert len(left) == 3, "one came and one went, or nothing happened"
