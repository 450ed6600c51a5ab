"""Specifications as files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.exchange.columns import Column, Objects, Text
from apps.exchange.references import References
from apps.exchange.resource import ActionResource
from apps.references.choosing import replicas
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.characteristic import CHARACTERISTIC

CHARACTERISTICS = References("characteristic", replicas(CHARACTERISTIC, "characteristic/characteristic"))


class SpecificationResource(ActionResource):
    name = Column(Text(), _("Its name, which no other has."))
    description = Column(Text(), _("What it is."))
    brand = Column(Text(), _("Whose it is."))
    product_number = Column(Text(), _("Its number there."))
    characteristics = Column(
        Objects(CHARACTERISTICS, key="id", name="name"),
        _(
            'JSON such as [{"name": "Download speed", "values": ["100", "500"], "default": "500"}]; also with '
            "configurable, min_cardinality, max_cardinality. What is left out is the characteristic's own."
        ),
    )

    class Meta:
        model = Specification
