"""The form of an offering: everything chosen by typing, members and fixed values as rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from apps.admin_kit.fields import ReferenceField, ReferencesField, WordsField
from apps.admin_kit.forms import ActionForm
from apps.admin_kit.rows import RowsField
from catalog_services.offering.admin import sources


def _count(label: Any, least: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, initial=1, min_value=least, max_value=1000, widget=UnfoldAdminIntegerFieldWidget
    )


class MemberRow(forms.Form):
    id = ReferenceField(sources.OFFERINGS, label=_("Offering"))
    min = _count(_("At least"), 0)
    max = _count(_("At most"), 1)
    default = _count(_("By default"), 0)


class PinnedRow(forms.Form):
    characteristic_id = ReferenceField(sources.CHARACTERISTICS, label=_("Characteristic"))
    value = forms.CharField(label=_("Value"), widget=UnfoldAdminTextInputWidget)


class OfferingForm(ActionForm):
    class Media:
        js = ("offering/unsaved.js",)

    specification_ids = ReferencesField(sources.SPECIFICATIONS, label=_("Specifications"))
    pricing_ids = ReferencesField(sources.PRICES, label=_("Prices"))
    category_ids = ReferencesField(sources.CATEGORIES, label=_("Categories"))
    catalog_ids = ReferencesField(sources.CATALOGS, label=_("Catalogs"))
    sales_channels = WordsField(sources.words_in_use("sales_channels"), label=_("Sales channels"))
    market_segments = WordsField(sources.words_in_use("market_segments"), label=_("Market segments"))
    bundled_offerings = RowsField(MemberRow, label=_("Members"), add_text=_("Add a member"))
    characteristic_values = RowsField(
        PinnedRow,
        label=_("Fixed values"),
        add_text=_("Fix a value"),
        help_text=_("Characteristics that have one value in this offering"),
    )
