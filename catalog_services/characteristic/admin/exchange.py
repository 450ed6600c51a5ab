"""Characteristics as files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.exchange.columns import Column, Marked, Text
from apps.exchange.resource import ActionResource
from catalog_services.characteristic.models import Characteristic


class CharacteristicResource(ActionResource):
    name = Column(Text(), _("Its name, which no other has."))
    description = Column(Text(), _("What it is."))
    unit_of_measure = Column(Text(None), _("Such as Mbps; None without a unit."), kept=True)
    value_type = Column(Text(None), _("string, number or boolean; empty for what fits the unit."))
    values = Column(Marked(), _("The allowed values, one a line, the default with “* ” before it."))

    class Meta:
        model = Characteristic
