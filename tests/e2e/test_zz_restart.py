"""The last test of all: everything is killed at once, and `up` brings all of it back with nothing lost."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest

from apps.runtime import processes, supervision
from config import env
from tests.e2e.conftest import sign_in
from tests.support.waiting import eventually


@pytest.mark.timeout(600)  # the whole suite starts, with what its stores have to recover
def test_up_after_kill_9_of_everything_loses_nothing(manager, visitor, draft, unique):
    manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    assert manager.settled(draft["id"])["lifecycle_status"] == "PUBLISHED"

    victims = processes.left_over()
    assert len(victims) > len(supervision.states())
    for victim in victims:
        processes.send(victim, signal.SIGKILL)
    psutil.wait_procs(victims, timeout=20)

    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=env.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout

    with sign_in("manager") as again:
        assert again.get(f"/api/v1/offerings/{draft['id']}").json()["lifecycle_status"] == "PUBLISHED"
        eventually(lambda: again.publication(draft["id"])["state"] == "DONE", seconds=60)
    found = eventually(lambda: visitor.get("/api/v1/store/search", params={"q": unique}).json()["items"])
    assert [item["id"] for item in found] == [draft["id"]]
