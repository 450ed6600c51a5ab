"""What became of each item."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from apps.importer.diff import Changes
from apps.importer.model import Failure, Item


class Outcome(StrEnum):
    """In a dry run the first two say what would have been done."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    FAILED = "failed"
    SKIPPED = "skipped"


class Publishing(StrEnum):
    """What became of an offering's publication."""

    NOT_ASKED = ""
    PUBLISHED = "published"
    ALREADY = "already published"
    DRAFT = "left as draft"
    FAILED = "not published"


@dataclass(slots=True)
class Result:
    """One item's outcome. ``id`` is empty while the suite does not have it."""

    item: Item
    outcome: Outcome
    id: str = ""
    status: str = ""
    changes: Changes = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    publishing: Publishing = Publishing.NOT_ASKED
    publishing_message: str = ""

    @property
    def bad(self) -> bool:
        return (
            self.outcome in {Outcome.CONFLICT, Outcome.FAILED, Outcome.SKIPPED}
            or self.publishing is Publishing.FAILED
        )

    @property
    def usable(self) -> bool:
        """True when other items may refer to it."""
        return self.outcome not in {Outcome.FAILED, Outcome.SKIPPED} and (
            bool(self.id) or self.outcome is Outcome.CREATED
        )


@dataclass(slots=True)
class Results:
    """The whole import."""

    dry_run: bool
    items: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return bool(self.failures) or any(result.bad for result in self.items)
