"""What the suite commands share: faults as messages, not tracebacks."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from typing import Any

from environ import ImproperlyConfigured

from apps.runtime.errors import RuntimeFault


class NeedsTheTests(RuntimeFault):
    """A command whose work is in ``tests/`` was called without what those need."""


def require_the_tests() -> None:
    """Raise NeedsTheTests where only what the suite itself needs is installed."""
    if importlib.util.find_spec("pytest") is None:
        raise NeedsTheTests("This needs what the tests need: `make dev` installs it.")


def show(fault: RuntimeFault | ImproperlyConfigured) -> None:
    """What went wrong, as a message."""
    from apps.runtime.report import console, say

    console.print(f"[bold red]{type(fault).__name__}[/]", highlight=False)
    say(str(fault))


def guarded[**P](function: Callable[P, int]) -> Callable[P, int]:
    """Turn a RuntimeFault, or a setting that cannot be, into its message and exit code 1."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> int:
        try:
            return function(*args, **kwargs)
        except (RuntimeFault, ImproperlyConfigured) as fault:
            show(fault)
            return 1

    return wrapper
