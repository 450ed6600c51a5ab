from __future__ import annotations

import apps.outbox.tasks
import apps.saga.tasks
from config.settings.events import VISIBILITY_TIMEOUT


def test_no_task_is_given_to_a_second_worker_while_it_runs(settings):
    """Redis gives out again what is not acknowledged within the visibility timeout."""
    for task in (
        apps.outbox.tasks.deliver,
        apps.outbox.tasks.settle,
        apps.outbox.tasks.snapshot,
        apps.saga.tasks.run,
    ):
        limit = task.time_limit or settings.CELERY["task_time_limit"]
        late = settings.CELERY["task_acks_late"] if task.acks_late is None else task.acks_late
        assert not late or limit < VISIBILITY_TIMEOUT, task.name
