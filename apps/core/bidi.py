"""Text that reads from right to left, or says so (U+202E), in the middle of a sentence that does not. Pure Python."""

from __future__ import annotations

import re

FIRST_STRONG_ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
_BEGIN_ISOLATE = "\u2066\u2067\u2068"
_TURNS = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"  # its letters
    "\u200f\u202a-\u202e\u2066-\u2069]"  # marks that nobody sees
)


def isolated(text: str) -> str:
    """The text so that it moves nothing that stands around it; most texts as they are.

    Where it is an element of its own in a page, the stylesheet does that.
    """
    if not _TURNS.search(text):
        return text
    begun = sum(text.count(mark) for mark in _BEGIN_ISOLATE)
    # What it ends itself would end ours.
    return FIRST_STRONG_ISOLATE + text.replace(END_OF_ISOLATE, "") + END_OF_ISOLATE * (begun + 1)
