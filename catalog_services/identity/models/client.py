from __future__ import annotations

from django.db import models

from apps.core import clock
from apps.core.ids import uuid7


class Client(models.Model):
    """A service that calls other services with tokens of its own (RFC 6749, 4.4)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client_id = models.CharField(max_length=100, unique=True)
    secret_hash = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["client_id"]

    def __str__(self) -> str:
        return self.client_id
