"""Prices made the only way there is: by the action."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import factory

from apps.core.actor import SYSTEM
from catalog_services.pricing.actions.price_create import price_create
from catalog_services.pricing.models import Price


class PriceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Price

    name = factory.Sequence(lambda n: f"Fibre 500 monthly {n}")
    value = Decimal("39.90")
    currency = "EUR"
    unit = "per month"

    @classmethod
    def _create(cls, model_class: type[Price], *args: Any, **kwargs: Any) -> Price:
        return price_create(actor=SYSTEM, fields=kwargs)
