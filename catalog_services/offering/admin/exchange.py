"""Offerings, categories, catalogs and synonyms as files."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.exchange.columns import Column, Lines, Moment, Objects, One, Several, Text, Truth
from apps.exchange.references import References
from apps.exchange.resource import ActionResource
from catalog_services.offering.admin import sources
from catalog_services.offering.domain.lifecycle import RETIRED
from catalog_services.offering.models import Catalog, Category, Offering, SynonymSet

OFFERINGS = References("offering", sources.OFFERINGS)
CHARACTERISTICS = References("characteristic", sources.CHARACTERISTICS)

_FROM = _("Such as 2026-01-31T12:00:00Z or 2026-01-31; UTC.")
_TO = _("After valid_from.")


class OfferingResource(ActionResource):
    """Names are not unique: several offerings may have one. One that is retired is meant by its id only, as another
    may have its name and its other system's id."""

    key_is_unique = False
    batch = 1

    name = Column(Text(), _("Its name; says which row it is when only one has it."))
    description = Column(Text(), _("What customers read."))
    lifecycle_status = Column(
        Text(), _("To be read: only drafts can be changed, and none is published here."), readonly=True
    )
    specification_ids = Column(
        Several(References("specification", sources.SPECIFICATIONS)), _("Its specifications, one a line.")
    )
    pricing_ids = Column(Several(References("price", sources.PRICES)), _("Its prices, one a line."))
    category_ids = Column(
        Several(References("category", sources.CATEGORIES)), _("Its categories, one a line.")
    )
    catalog_ids = Column(Several(References("catalog", sources.CATALOGS)), _("Its catalogs, one a line."))
    sales_channels = Column(Lines(), _("Where it is sold, one a line."))
    market_segments = Column(Lines(), _("To whom it is sold, one a line."))
    is_bundle = Column(Truth(), _("true or false."), kept=True)
    bundled_offerings = Column(
        Objects(OFFERINGS, key="id", name="name"),
        _('Of a bundle: JSON such as [{"name": "Fibre 500", "min": 1, "max": 1, "default": 1}].'),
    )
    characteristic_values = Column(
        Objects(CHARACTERISTICS, key="characteristic_id", name="characteristic"),
        _('Fixed values: JSON such as [{"characteristic": "Colour", "value": "red"}].'),
    )
    valid_from = Column(Moment(), _FROM)
    valid_to = Column(Moment(), _TO)

    class Meta:
        model = Offering

    def meant(self) -> QuerySet[Any]:
        return super().meant().exclude(lifecycle_status=RETIRED)


class CategoryResource(ActionResource):
    key = ("parent_id", "name")
    batch = 1

    name = Column(Text(), _("Its name, which no other below the same parent has."))
    description = Column(Text(), _("What is in it."))
    parent_id = Column(
        One(References("category", sources.CATEGORIES)),
        _("The category above it, which may be one of this file's further up; empty for none."),
    )

    class Meta:
        model = Category


class CatalogResource(ActionResource):
    name = Column(Text(), _("Its name, which no other has."))
    description = Column(Text(), _("What is in it."))
    valid_from = Column(Moment(), _FROM)
    valid_to = Column(Moment(), _TO)

    class Meta:
        model = Catalog


class SynonymSetResource(ActionResource):
    key = ("terms",)
    key_is_unique = False

    terms = Column(Lines(), _("Words and phrases that find each other, one a line."))

    class Meta:
        model = SynonymSet
