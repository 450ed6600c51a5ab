"""Prices as files."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.exchange.columns import Column, Moment, Number, Text, Truth, Whole
from apps.exchange.resource import ActionResource
from catalog_services.pricing.domain.money import written
from catalog_services.pricing.domain.price import PERIODS
from catalog_services.pricing.models import Price


class PriceResource(ActionResource):
    name = Column(Text(), _("Its name, which no other has."))
    value = Column(Number(), _("The amount, such as 39.90."))
    currency = Column(Text(), _("ISO 4217, such as EUR."))
    unit = Column(Text(), _("A label. “per month” also says the period."))
    price_type = Column(Text(None), _("recurring, one_time or usage; empty for what fits the rest."))
    recurring_period = Column(
        Text(None), format_lazy(_("One of {periods}, of a recurring price."), periods=", ".join(PERIODS))
    )
    recurring_period_length = Column(Whole(), _("How many periods; 1 when empty."))
    unit_of_measure = Column(Text(None), _("What a usage price is for one of, such as GB."))
    tax_rate = Column(Number(), _("Percent, from 0 to 100."))
    tax_included = Column(Truth(), _("true or false."), kept=True)
    valid_from = Column(Moment(), _("Such as 2026-01-31T12:00:00Z or 2026-01-31; UTC."))
    valid_to = Column(Moment(), _("After valid_from."))

    class Meta:
        model = Price

    def dehydrate_value(self, row: Price) -> str:
        """With the currency's minor unit in full."""
        return written(row.value, row.currency)
