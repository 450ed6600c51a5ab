from __future__ import annotations

from django.db import models
from django.utils.translation import gettext

from apps.core import clock
from catalog_services.pricing.models.price import Price


class PriceHold(models.Model):
    """A publication that needs this price to stay as it is; several may hold one price at the same time."""

    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="holds")
    publication_id = models.UUIDField(db_index=True)
    held_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["held_at"]
        verbose_name = "price hold"
        constraints = [models.UniqueConstraint(fields=["price", "publication_id"], name="pricing_hold_once")]

    def __str__(self) -> str:
        return gettext("%(price)s held by %(publication)s") % {
            "price": self.price_id,
            "publication": self.publication_id,
        }
