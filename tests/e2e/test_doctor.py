"""The doctor finds nothing wrong with a suite that works, and names what is, with its cure."""

from __future__ import annotations

import json
import subprocess
import sys

from apps.runtime import supervision
from apps.runtime.doctor import Finding
from config import env
from tests.support.waiting import eventually


def examined() -> tuple[int, list[Finding]]:
    command = [sys.executable, "manage.py", "doctor", "--json"]
    done = subprocess.run(command, cwd=env.BASE_DIR, capture_output=True, text=True, check=False)
    return done.returncode, [Finding(**one) for one in json.loads(done.stdout)]


def test_a_suite_that_works_is_well_and_one_without_a_process_is_told_what_to_do():
    eventually(lambda: examined() == (0, []), seconds=60, why=f"{examined()}")
    supervision.stop("store-worker", "identity")
    try:
        code, found = examined()
    finally:
        supervision.start("store-worker")
        supervision.start("identity")
    assert code == 3
    whats = {finding.what.split(";")[0]: finding.cure for finding in found}
    assert whats["store-worker is stopped"] == "manage.py up"
    assert whats["identity is stopped"] == "manage.py up"
    assert not any(what.startswith("identity does not answer") for what in whats), "that follows from it"
    eventually(lambda: examined() == (0, []), seconds=60, why="it does not come back")
