"""Asking a person at a terminal."""

from __future__ import annotations

import sys
from getpass import getpass


def agreed(what: str, *, yes: bool) -> bool:
    """Whether a person at a terminal says yes to ``what``, which cannot be taken back; Ctrl-D is a no. Without a
    terminal, or with ``--yes``, it is yes and nobody is asked."""
    if yes or not sys.stdin.isatty():
        return True
    try:
        return input(f"{what}\nType yes to go on: ").strip() == "yes"
    except EOFError:
        print()
        return False


def secret(what: str) -> str:
    """What a person types unseen. Ctrl-D stops the command, as Ctrl-C does."""
    try:
        return getpass(f"{what}: ")
    except EOFError:
        print(file=sys.stderr)
        raise KeyboardInterrupt from None
