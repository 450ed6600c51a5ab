"""What this service knows of other services' aggregates, kept current by their events."""

from __future__ import annotations

from django.db import models

from apps.core.searching import search_index


class Reference(models.Model):
    """A replica row: ``data`` is the aggregate's state as in its last event; a deleted one stays, marked."""

    kind = models.CharField(max_length=40)
    aggregate_id = models.UUIDField()
    name = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField()
    deleted = models.BooleanField(default=False)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "aggregate_id"], name="references_once")]
        indexes = [
            models.Index(fields=["kind", "name"], name="references_by_name"),
            search_index("name", name="references_search"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.aggregate_id}"
