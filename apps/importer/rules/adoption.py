"""Whether something that the suite has under the same name is the item, or somebody else's."""

from __future__ import annotations

from typing import Any

from apps.importer.model import Kind
from apps.importer.rules.base import rule

UNIQUE_NAMES = frozenset({Kind.CHARACTERISTIC, Kind.SPECIFICATION, Kind.PRICE})


@rule("adopt-by-name")
def adopt(kind: Kind, external_id: str, current: dict[str, Any]) -> tuple[str | None, str]:
    """Names of characteristics, specifications and prices are unique in the suite. What was made by
    hand under an item's name, and so has no external id, is the item and gets its external id. A
    characteristic is shared by all imports whatever its external id. A specification or price of
    another external id is a conflict.
    """
    theirs = current.get("external_id")
    if not theirs:
        return external_id, "The suite has it without an external id; it gets this one."
    if kind is Kind.CHARACTERISTIC:
        return str(theirs), f"It is shared with the one of the external id {theirs!r}."
    return None, f"The suite has another {kind} of this name, with the external id {theirs!r}."
