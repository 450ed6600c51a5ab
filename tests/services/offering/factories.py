"""Aggregates made the only way there is: by their actions; replicas as the events of other services leave them."""

from __future__ import annotations

from typing import Any

import factory

from apps.core.actor import SYSTEM
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.references.models import Reference
from apps.references.replicas import ReferenceKind, apply_event
from catalog_services.offering.actions.catalog_create import catalog_create
from catalog_services.offering.actions.category_create import category_create
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.references import PRICE, SPECIFICATION

COLOUR = str(uuid7())


class _ByAction(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return cls.action(actor=SYSTEM, fields=kwargs)


class CategoryFactory(_ByAction):
    class Meta:
        model = Category

    action = staticmethod(category_create)
    name = factory.Sequence(lambda n: f"Broadband {n}")


class CatalogFactory(_ByAction):
    class Meta:
        model = Catalog

    action = staticmethod(catalog_create)
    name = factory.Sequence(lambda n: f"Retail {n}")


class OfferingFactory(_ByAction):
    class Meta:
        model = Offering

    action = staticmethod(offering_create)
    name = factory.Sequence(lambda n: f"Fibre {n}")


class CompleteOfferingFactory(OfferingFactory):
    """All that a publication needs."""

    specification_ids = factory.LazyFunction(lambda: [specification().aggregate_id])
    pricing_ids = factory.LazyFunction(lambda: [price().aggregate_id])
    sales_channels = ["web"]


def specification(**data: Any) -> Reference:
    """A specification's replica, with a characteristic COLOUR that is red or blue."""
    use = {"id": COLOUR, "values": ["red", "blue"], "default": "red"}
    return _replica(SPECIFICATION, {"name": "Fibre line", "characteristics": [use], **data})


def price(**data: Any) -> Reference:
    return _replica(PRICE, {"name": "Monthly fee", "value": "19.90", "currency": "EUR", **data})


def _replica(kind: ReferenceKind, data: dict[str, Any]) -> Reference:
    id_ = str(uuid7())
    event = CloudEvent(
        type=f"catalog.{kind.service}.{kind.name.title()}Created.v1",
        source=kind.service,
        subject=id_,
        aggregateversion=1,
        data={"id": id_, "version": 1, **data},
    )
    apply_event(kind, event)
    return Reference.objects.get(kind=kind.name, aggregate_id=id_)
