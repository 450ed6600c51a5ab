"""What can go wrong between us and the process engine, beside its not answering (``Unavailable``)."""

from __future__ import annotations

from apps.core.errors import SuiteError, Unavailable
from apps.core.messages import Message


class EngineRefused(SuiteError):
    """The process engine answered, and said no."""

    slug, title, status = "engine-refused", Message("The process engine refused the request"), 502


class TaskLost(EngineRefused):
    """The external task is gone, or another worker has it: a timer fired, a lock expired, a process ended."""

    slug, title = "task-lost", Message("The external task is no longer ours")


class ChangedMeanwhile(Unavailable):
    """Two transactions of the engine touched the same process (its optimistic lock); repeating it is right."""

    title = Message("The process changed at the same moment")


class EngineFailed(Unavailable):
    """The engine answered with an error of its own: its database is down, or the diagram cannot go on."""

    title = Message("The process engine has an error of its own")


class DiagramMissing(Unavailable):
    """The engine answers and has no diagram of this process: what is to be started waits until it is deployed."""
