"""The short form of ``make chaos``: the faults that between them break every link of the chain, a round each."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from config import env

FAULTS = (
    "kill store-worker",
    "kill pricing-relay",
    "kill offering",
    "kill redis",
    "flush redis",
    "cut offering's database",
)

LONGEST_SECONDS = 1800


@pytest.mark.timeout(LONGEST_SECONDS + 60)
def test_what_dies_under_load_loses_nothing_doubles_nothing_and_leaves_nothing_behind():
    faults = [argument for name in FAULTS for argument in ("--only", name)]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--rounds", str(len(FAULTS)), *faults],
        cwd=env.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
