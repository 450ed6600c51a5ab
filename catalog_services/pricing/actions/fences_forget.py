from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from catalog_services.pricing.models import PriceHold, PublicationFence


def fences_forget(*, before: datetime) -> int:
    """Delete the fences of publications that came here before that time and hold nothing; gives how many.

    A publication ends within minutes, so that nothing of it can come late after the weeks a fence is kept.
    """
    holding = PriceHold.objects.filter(publication_id=OuterRef("publication_id"))
    deleted, _ = PublicationFence.objects.filter(~Exists(holding), created_at__lt=before).delete()
    return deleted
