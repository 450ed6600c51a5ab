"""A Celery worker that has failed: gone within seconds, its processes with it, so that another one works."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil

from config import env
from tests.support.waiting import eventually

HANGS = """
import subprocess, sys, time
from celery.apps.worker import Worker
from apps.runtime import worker
worker.LEAVE_SECONDS = 0.5
Worker.stop = lambda *_: time.sleep(600)  # its processes wait for it, and it for them
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
failed = worker.EndingWorker.__new__(worker.EndingWorker)
failed.stop(exitcode=1)
"""


def test_a_worker_that_failed_ends_though_its_processes_wait_for_it():
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", HANGS],
        cwd=env.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert time.monotonic() - started < 30
    eventually(lambda: is_gone(int(done.stdout)))  # it lets go of its output a moment before


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
