"""What a person calls the states that the data has; screens say it in their language. Pure Python."""

from __future__ import annotations

from collections.abc import Iterable

NAMES = {
    "DRAFT": "Draft",
    "PUBLISHING": "Being published",
    "PUBLISHED": "Published",
    "RETIRED": "Retired",
    "REQUESTED": "Requested",
    "RUNNING": "Running",
    "CONFIRMED": "Confirmed",
    "DONE": "Done",
    "FAILING": "Being undone",
    "FAILED": "Failed",
    "UNDO_FAILED": "Undo failed",
    "PENDING": "Scheduled",
    "CARRIED_OUT": "Carried out",
    "CANCELLED": "Cancelled",
    "PUBLISH": "Publish",
    "RETIRE": "Retire",
}
"""Of offerings, of publications, and of what is scheduled for them."""

RETIRED = "RETIRED"
NOT_RETIRED = ("DRAFT", "PUBLISHING", "PUBLISHED")
"""Of an offering that is sold, or may come to be."""


def states_of(values: Iterable[str]) -> list[tuple[str, str]]:
    """A field's ``choices``."""
    return [(value, NAMES[value]) for value in values]
