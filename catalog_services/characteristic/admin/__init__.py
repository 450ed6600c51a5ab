"""The screens of this service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from apps.admin_kit.fields import one_of
from apps.admin_kit.forms import ActionForm
from apps.admin_kit.rows import RowsField
from apps.admin_lists import filters
from apps.core.units import UNITS
from apps.core.values import VALUE_TYPES
from apps.exchange.admin import ExchangeAdmin
from catalog_services.characteristic.actions.characteristic_create import characteristic_create
from catalog_services.characteristic.actions.characteristic_delete import USERS, characteristic_delete
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.admin.exchange import CharacteristicResource
from catalog_services.characteristic.api.serializers import CharacteristicWriteSerializer
from catalog_services.characteristic.models import Characteristic


class ValueRow(forms.Form):
    value = forms.CharField(label=_("Value"), max_length=1000, widget=UnfoldAdminTextInputWidget)
    is_default = forms.BooleanField(label=_("Default"), required=False, widget=UnfoldBooleanSwitchWidget)


class CharacteristicForm(ActionForm):
    unit_of_measure = one_of(UNITS, label=_("Unit of measure"), initial="None")
    value_type = one_of(
        VALUE_TYPES,
        label=_("Type of value"),
        empty=_("what fits the unit"),
        required=False,
    )
    values = RowsField(
        ValueRow,
        label=_("Allowed values"),
        add_text=_("Add a value"),
        help_text=_("None listed: any value of the type is allowed. At most one is the default."),
    )


@admin.register(Characteristic)
class CharacteristicAdmin(ExchangeAdmin):
    form = CharacteristicForm
    fieldsets = (
        (None, {"fields": ("name", "description", "unit_of_measure", "value_type", "values")}),
        *ExchangeAdmin.record_fieldsets,
    )
    list_display = ("name", "value_type", "unit_of_measure", "version", "updated_at")
    list_filter = (
        filters.one_of("value_type", VALUE_TYPES, title=_("type of value")),
        filters.one_of("unit_of_measure", UNITS, title=_("unit of measure")),
    )
    more_columns = ("description", *ExchangeAdmin.more_columns)
    search_fields = ("name", "description")
    resource_class = CharacteristicResource
    write_serializer_class = CharacteristicWriteSerializer
    create_action = characteristic_create
    update_action = characteristic_update
    delete_action = characteristic_delete
    used_by = USERS

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """No type asks for the one that fits the unit."""
        return {**cleaned, "value_type": cleaned["value_type"] or None}
