from __future__ import annotations

from django.db import models


class FailedAttempts(models.Model):
    """Failed sign-ins of one source within one window. A table and not a cache: every process sees the same count."""

    source = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField()
    window_ends_at = models.DateTimeField(db_index=True)
