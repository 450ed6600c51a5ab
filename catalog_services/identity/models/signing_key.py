from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.core import clock
from catalog_services.identity.domain.keys import ACTIVE, NEXT, RETIRING


class SigningKey(models.Model):
    """An RS256 key pair. The private half is encrypted with a key derived from SECRET_KEY."""

    class State(models.TextChoices):
        NEXT = NEXT, "next: announced, not signing yet"
        ACTIVE = ACTIVE, "active: signs"
        RETIRING = RETIRING, "retiring: verifies what it signed"

    kid = models.CharField(primary_key=True, max_length=64)
    state = models.CharField(max_length=10, choices=State.choices)
    public_pem = models.TextField()
    private_pem_encrypted = models.TextField()
    created_at = models.DateTimeField(default=clock.now)
    activated_at = models.DateTimeField(null=True)
    retires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=[NEXT, ACTIVE]), name="one_next_and_one_active_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kid} ({self.get_state_display().partition(':')[0]})"
