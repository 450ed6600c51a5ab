"""The life of an offering: DRAFT -> PUBLISHING -> PUBLISHED -> RETIRED."""

from __future__ import annotations

from apps.core.errors import Conflict
from apps.core.messages import Message

DRAFT, PUBLISHING, PUBLISHED, RETIRED = "DRAFT", "PUBLISHING", "PUBLISHED", "RETIRED"
STATUSES = (DRAFT, PUBLISHING, PUBLISHED, RETIRED)

_MOVES = {
    (DRAFT, PUBLISHING),
    (PUBLISHING, PUBLISHED),
    (PUBLISHING, DRAFT),
    (PUBLISHED, RETIRED),
}
_WHY = {
    PUBLISHING: Message("A publication is running; wait until it has ended."),
    PUBLISHED: Message("A published offering does not change; retire it or make a new draft."),
    RETIRED: Message("A retired offering does not change."),
}


def check_move(current: str, target: str) -> None:
    """Raises ``Conflict`` when an offering cannot go from ``current`` to ``target``."""
    if (current, target) not in _MOVES:
        raise Conflict(
            Message("An offering in {current} cannot become {target}.", current=current, target=target),
            lifecycle_status=current,
        )


def check_changeable(current: str) -> None:
    """Raises ``Conflict`` unless the offering is a draft: only a draft can be changed or deleted."""
    if current != DRAFT:
        raise Conflict(_WHY[current], lifecycle_status=current)
