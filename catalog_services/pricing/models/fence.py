from __future__ import annotations

from django.db import models
from django.utils.translation import gettext

from apps.core import clock


class PublicationFence(models.Model):
    """One row per publication that came here: whatever acts for it takes this row's lock first.

    ``ended_at`` is set when its holds were released, also when there were none yet: from then on a lock that
    comes late, or once more, is refused: an undo before its do leaves this marker.
    """

    publication_id = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = "publication fence"

    def __str__(self) -> str:
        return f"{self.publication_id} ({gettext('ended')})" if self.ended_at else str(self.publication_id)
