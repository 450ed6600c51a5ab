"""What can go wrong between us and the process engine."""

from __future__ import annotations

from apps.core.errors import SuiteError


class EngineRefused(SuiteError):
    """The process engine answered, and said no."""

    slug, title, status = "engine-refused", "The process engine refused the request", 502


class ChangedMeanwhile(EngineRefused):
    """Two transactions of the engine touched the same process (its optimistic lock); repeating it is right."""

    slug, title = "engine-concurrency", "The process changed at the same moment"


class TaskLost(EngineRefused):
    """The external task is gone, or another worker has it: a timer fired, a lock expired, a process ended."""

    slug, title = "task-lost", "The external task is no longer ours"
