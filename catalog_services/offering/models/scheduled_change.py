from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format

from apps.core import clock
from apps.core.ids import uuid7
from apps.core.states import states_of
from catalog_services.offering.domain.scheduled_change import KINDS, OPEN, PENDING, STATES
from catalog_services.offering.models.offering import Offering
from catalog_services.offering.models.publication import Publication


class ScheduledChange(models.Model):
    """A publication or retirement at a moment. The lock of its offering's row is its lock.

    ``try_at`` is when it is tried (next); ``reason`` says why it waits, failed, was cancelled or came late.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="scheduled_changes")
    kind = models.CharField(max_length=10, choices=states_of(KINDS))
    at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=12, default=PENDING, choices=states_of(STATES))
    reason = models.TextField(blank=True, default="")
    scheduled_by = models.CharField(max_length=150)
    scheduled_by_id = models.UUIDField()
    correlation_id = models.CharField(max_length=64, db_index=True)
    publication = models.ForeignKey(Publication, null=True, blank=True, on_delete=models.SET_NULL)
    try_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]
        verbose_name = "scheduled change"
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "kind"],
                condition=Q(state__in=OPEN),
                name="scheduled_change_one_of_each_kind",
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(state=PENDING), name="scheduled_change_due"),
        ]

    def __str__(self) -> str:
        moment = date_format(self.at, "SHORT_DATETIME_FORMAT")
        return f"{self.offering}: {self.get_kind_display().lower()}, {moment}"
