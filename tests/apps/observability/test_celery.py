"""The trace travels in the message, also from a process that knows the task by name only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

from config import env
from tests.apps.observability.test_tracing import read_back
from tests.support.waiting import eventually

# As the relay does: a name, no task. Nothing may stay behind in the sender's context, and a message sent
# outside any trace (a poll's) carries none.
SENDER = """
import os
from celery import Celery
from apps.observability.setup import setup_tracing
from apps.observability.tracing import HttpSpan, current_traceparent
from config import env
setup_tracing("tree-sender")
app = Celery(broker=env.part_url("redis"))
span = HttpSpan.begin("POST tree", traceparent="", wanted=True)
with span:
    trace_id = current_traceparent().split("-")[1]
    app.send_task("tree.work", kwargs={"secret": "planted-1"}, queue=os.environ["TREE_QUEUE"])
assert current_traceparent() == "", "the sender is still inside a span"
app.send_task("tree.work", kwargs={"secret": "planted-2"}, queue=os.environ["TREE_QUEUE"])
print(trace_id)
"""


def _work(trace_id: str) -> dict[str, dict[str, Any]]:
    """The trace's spans by name, but for the broker's own commands; nothing before there are two."""
    found: list[dict[str, Any]] = read_back(trace_id, 2)
    assert "planted" not in json.dumps(found)
    spans = {span["name"]: span for span in found if span.get("tags", {}).get("db.system") != "redis"}
    return spans if len(spans) > 1 else {}


def test_a_task_is_a_span_of_the_trace_that_sent_it_and_its_lines_say_so() -> None:
    environment = {**os.environ, "OTEL_SDK_DISABLED": "false", "TREE_QUEUE": f"tree-{uuid4().hex}"}
    sent = subprocess.run(
        [sys.executable, "-c", SENDER],
        cwd=env.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    trace_id = sent.stdout.strip()
    worker = subprocess.Popen(
        [
            *(
                sys.executable,
                "-m",
                "celery",
                "--quiet",
                "-A",
                "tests.apps.observability.worker_app",
                "worker",
            ),
            *("--pool=prefork", "--concurrency=1", "--loglevel=INFO", "--without-gossip", "--without-mingle"),
            *("-Q", environment["TREE_QUEUE"], "-n", f"{environment['TREE_QUEUE']}@tests"),
        ],
        cwd=env.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        spans = eventually(lambda: _work(trace_id), seconds=120, why="the task's span has not come")
    finally:
        worker.terminate()
        output, _ = worker.communicate(timeout=30)
    assert set(spans) == {"post tree", "run/tree.work"}
    assert spans["run/tree.work"]["parentId"] == spans["post tree"]["id"]
    # Celery prints its farewell from a signal handler, where no logger may be used.
    printed = [line for line in output.splitlines() if line.strip() and not line.startswith("worker: ")]
    lines = [json.loads(line) for line in printed]
    worked = [line for line in lines if line["message"] == "worked"]
    assert [line.get("trace.id") == trace_id for line in worked] == [True, False]
    assert "planted" not in json.dumps(worked)
    assert any(line["log.logger"].startswith("celery") for line in lines), "Celery's own lines are ours too"
