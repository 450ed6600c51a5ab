"""What a rule is: one function that decides one thing real catalogs leave open, and says so.

A rule is pure. It has a code, its docstring is its statement (shown in reports), and it returns its
decision together with a sentence about this very item; no sentence means that nothing was assumed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

from apps.importer.model import Ruling

RULES: dict[str, str] = {}
"""Rule code -> the statement of the rule, for every rule there is."""


def rule[**P, T](code: str) -> Callable[[Callable[P, tuple[T, str]]], Callable[P, Ruling[T]]]:
    """Make a function that returns ``(decision, sentence)`` the rule ``code``."""

    def decorate(function: Callable[P, tuple[T, str]]) -> Callable[P, Ruling[T]]:
        if code in RULES:
            raise ValueError(f"There are two rules {code}.")
        statement = inspect.getdoc(function)
        if not statement:
            raise ValueError(f"The rule {code} has no statement.")
        RULES[code] = " ".join(statement.split())

        @functools.wraps(function)
        def decide(*args: P.args, **kwargs: P.kwargs) -> Ruling[T]:
            value, text = function(*args, **kwargs)
            return Ruling(code, value, text)

        return decide

    return decorate
