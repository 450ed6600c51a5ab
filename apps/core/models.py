"""What every aggregate's table has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from apps.core import clock
from apps.core.ids import uuid7


def choices_of(values: Iterable[str]) -> list[tuple[str, str]]:
    """A field's ``choices``: each value with what a person calls it, which screens show in their language."""
    return [(value, value.replace("_", " ")) for value in values]


class Aggregate(models.Model):
    """An entity that is changed, versioned and told about as a whole.

    ``version`` starts at 1 and grows by one per change, under the row's lock; it is the ETag.
    Only actions write aggregates.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    external_id = models.CharField(max_length=200, unique=True, null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    def bump(self) -> None:
        """Take the next version and the time of change; the caller holds the row's lock and saves."""
        self.version += 1
        self.updated_at = clock.now()

    def head(self) -> dict[str, Any]:
        """What the representation of every aggregate has."""
        return {
            "id": str(self.pk),
            "external_id": self.external_id,
            "version": self.version,
            "created_at": clock.iso(self.created_at),
            "updated_at": clock.iso(self.updated_at),
        }
