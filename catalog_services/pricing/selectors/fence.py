from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from catalog_services.pricing.models import PriceHold, PublicationFence


def idle_fences(*, before: datetime) -> QuerySet[PublicationFence]:
    """The fences of publications that came here before that time and hold nothing.

    A publication ends within minutes, so that nothing of it can come late after the weeks a fence is kept.
    """
    holding = PriceHold.objects.filter(publication_id=OuterRef("publication_id"))
    return PublicationFence.objects.filter(~Exists(holding), created_at__lt=before)
