"""Asking before what cannot be taken back."""

from __future__ import annotations

import sys


def agreed(what: str, *, yes: bool) -> bool:
    """Whether a person at a terminal says yes to ``what``; a program, or who said ``--yes``, is not asked."""
    if yes or not sys.stdin.isatty():
        return True
    return input(f"{what}\nType yes to go on: ").strip() == "yes"
