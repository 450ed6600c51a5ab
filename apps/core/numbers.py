"""Numbers in what comes from outside."""

from __future__ import annotations

MOST_DIGITS = 9
"""Enough for every version and page; Python itself refuses to read thousands of them."""


def whole(text: object) -> int | None:
    """The whole number that a text is, not below 0 and of at most ``MOST_DIGITS``; None for anything else."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else None
