"""Characteristics made the only way there is: by the action."""

from __future__ import annotations

from typing import Any

import factory

from apps.core.actor import SYSTEM
from catalog_services.characteristic.actions.characteristic_create import characteristic_create
from catalog_services.characteristic.models import Characteristic


class CharacteristicFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Characteristic

    name = factory.Sequence(lambda n: f"Download speed {n}")
    unit_of_measure = "Mbps"
    values = factory.LazyFunction(
        lambda: [{"value": "100", "is_default": True}, {"value": "1000", "is_default": False}]
    )

    @classmethod
    def _create(cls, model_class: type[Characteristic], *args: Any, **kwargs: Any) -> Characteristic:
        return characteristic_create(actor=SYSTEM, fields=kwargs)
