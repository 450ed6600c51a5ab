from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.core import clock
from apps.core.ids import uuid7
from apps.core.states import states_of
from catalog_services.offering.domain.publication import OPEN, REQUESTED, STATES
from catalog_services.offering.models.offering import Offering


class Publication(models.Model):
    """One attempt to publish an offering; its id is the business key of the process that carries it out.

    ``review_at`` is when the reconciler looks at it, unless something has happened by then. ``steps`` is a copy of
    the engine's history, ``steps_final`` says that nothing more will come.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="publications")
    offering_version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, default=REQUESTED, choices=states_of(STATES))
    requested_by = models.CharField(max_length=150)
    requested_by_id = models.UUIDField()
    correlation_id = models.CharField(max_length=64, db_index=True)
    process_id = models.CharField(max_length=64, blank=True, default="")
    failure = models.JSONField(null=True, blank=True)
    steps = models.JSONField(default=list, blank=True)
    steps_final = models.BooleanField(default=False)
    review_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "publication"
        constraints = [
            models.UniqueConstraint(
                fields=["offering"], condition=Q(state__in=OPEN), name="publication_one_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["review_at"], condition=Q(state__in=OPEN), name="publication_to_review"),
            models.Index(
                fields=["created_at"], condition=Q(steps_final=False), name="publication_unrecorded"
            ),
            models.Index(fields=["-created_at", "-id"], name="publication_latest"),
            models.Index(fields=["state", "ended_at"], name="publication_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.offering}: {self.get_state_display()}"
