"""What a rebuild says: on its way, when it is through, and when it has failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


class RebuildFailed(Exception):
    """The new generation is not whole; the live one goes on."""


Say = Callable[[str, int, int | None], None]
"""``(what, how many so far, of how many or None)``: called often."""


@dataclass(slots=True)
class Report:
    """What a rebuild did. ``aside``: offerings that could not be brought, with the reason."""

    generation: str = ""
    received: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)
    entries: int = 0
    visible: int = 0
    seconds: float = 0.0
