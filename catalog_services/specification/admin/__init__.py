"""The screens of this service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.admin_kit import choices
from apps.admin_kit.fields import ReferenceField, WordsField
from apps.admin_kit.forms import ActionForm
from apps.admin_kit.rows import RowsField
from apps.admin_lists import filters
from apps.exchange.admin import ExchangeAdmin
from apps.references.choosing import replicas, with_unit
from catalog_services.specification.actions.specification_create import specification_create
from catalog_services.specification.actions.specification_delete import USERS, specification_delete
from catalog_services.specification.actions.specification_update import specification_update
from catalog_services.specification.admin.exchange import SpecificationResource
from catalog_services.specification.api.serializers import SpecificationWriteSerializer
from catalog_services.specification.domain.choice import FULL
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.characteristic import CHARACTERISTIC
from catalog_services.specification.selectors.specification import using

CHARACTERISTICS = choices.register(replicas(CHARACTERISTIC, "characteristic/characteristic", with_unit))


class ChoiceRow(forms.Form):
    """One characteristic of a specification; what is left empty is the characteristic's own."""

    id = ReferenceField(CHARACTERISTICS, label=_("Characteristic"))
    values = WordsField(tuple, label=_("Values"), help_text=_("None: all that the characteristic has"))
    default = forms.CharField(
        label=_("Default"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": _("its own")}),
    )
    configurable = forms.BooleanField(
        label=_("Customer chooses"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )
    min_cardinality = forms.IntegerField(
        label=_("At least"), initial=0, min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )
    max_cardinality = forms.IntegerField(
        label=_("At most"), initial=1, min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )


class SpecificationForm(ActionForm):
    characteristics = RowsField(ChoiceRow, label=_("Characteristics"), add_text=_("Add a characteristic"))


@admin.register(Specification)
class SpecificationAdmin(ExchangeAdmin):
    form = SpecificationForm
    fieldsets = (
        (None, {"fields": ("name", "description", "brand", "product_number")}),
        (_("Characteristics"), {"fields": ("characteristics",)}),
        *ExchangeAdmin.record_fieldsets,
    )
    list_display = ("name", "brand", "product_number", "version", "updated_at")
    list_filter = (
        filters.typed("brand", title=_("brand")),
        filters.using("characteristic_id", CHARACTERISTICS, using, title=_("characteristic")),
    )
    list_filter_submit = True
    more_columns = ("description", *ExchangeAdmin.more_columns)
    bulk_fields = ("brand", "description")
    search_fields = ("name", "description", "brand", "product_number")
    resource_class = SpecificationResource
    write_serializer_class = SpecificationWriteSerializer
    create_action = specification_create
    update_action = specification_update
    delete_action = specification_delete
    used_by = USERS

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What a row leaves empty is not given at all: the characteristic's own counts."""
        if FULL not in cleaned:
            return cleaned
        optional = ("values", "default")
        rows = [
            {name: value for name, value in row.items() if value or name not in optional}
            for row in cleaned[FULL]
        ]
        return {**cleaned, FULL: rows}
