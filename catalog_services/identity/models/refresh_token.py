from __future__ import annotations

from django.db import models

from apps.core import clock
from apps.core.ids import uuid7
from catalog_services.identity.models.user import User


class RefreshFamily(models.Model):
    """One sign-in and all that was renewed from it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="families")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)


class RefreshToken(models.Model):
    """One refresh token; ``id`` is its ``jti``. The token itself is not kept: it can be signed again from the row."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    family = models.ForeignKey(RefreshFamily, on_delete=models.CASCADE, related_name="tokens")
    issued_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)
    successor = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="predecessor")
