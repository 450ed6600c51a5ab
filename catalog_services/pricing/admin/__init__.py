from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextInputWidget

from apps.admin_kit.fields import AmountField, one_of
from apps.admin_kit.forms import ActionForm
from apps.admin_lists import filters
from apps.admin_lists.list_admin import ListAdmin
from apps.admin_lists.read_only import ReadOnly
from apps.core.errors import Locked, SuiteError
from apps.core.units import MEASURABLE
from apps.exchange.admin import ExchangeAdmin
from catalog_services.pricing.actions.holds import refuse_if_held
from catalog_services.pricing.actions.price_create import price_create
from catalog_services.pricing.actions.price_delete import USERS, price_delete
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.admin import holders
from catalog_services.pricing.admin.exchange import PriceResource
from catalog_services.pricing.api.serializers import PriceWriteSerializer
from catalog_services.pricing.domain.money import CURRENCIES, written
from catalog_services.pricing.domain.price import PERIODS, PRICE_TYPES
from catalog_services.pricing.models import Price, PriceHold, PublicationFence


class PriceForm(ActionForm):
    value = AmountField(
        label=_("Amount"),
        help_text=_("As many decimal places as the currency has; a usage price up to 6"),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[("", ""), *((code, code) for code in CURRENCIES)],
        widget=UnfoldAdminSelect2Widget,
    )
    unit = forms.CharField(
        label=_("Label"),
        required=False,
        max_length=100,
        help_text=_("Such as per month, which also says the period"),
        widget=UnfoldAdminTextInputWidget,
    )
    price_type = one_of(PRICE_TYPES, label=_("Price type"), empty=_("what fits the rest"), required=False)
    recurring_period = one_of(PERIODS, label=_("Charged every"), required=False)
    unit_of_measure = one_of(MEASURABLE, label=_("For one"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The amount as one writes it, not with every place that the column has."""
        super().__init__(*args, **kwargs)
        amount = self.initial.get("value")
        if self.instance.value is not None:
            amount = written(self.instance.value, self.instance.currency)
        if amount is not None:
            self.initial["value"] = number_format(amount)


@admin.register(Price)
class PriceAdmin(ExchangeAdmin):
    form = PriceForm
    fieldsets = (
        (None, {"fields": ("name", "value", "currency", "unit")}),
        (
            _("How it is charged"),
            {"fields": ("price_type", "recurring_period", "recurring_period_length", "unit_of_measure")},
        ),
        (_("Tax"), {"fields": ("tax_rate", "tax_included")}),
        (_("When it is valid"), {"fields": ("valid_from", "valid_to")}),
        *ExchangeAdmin.record_fieldsets,
    )
    list_display = ("name", "amount", "currency", "unit", "price_type", "version", "updated_at")
    list_filter = (
        filters.one_of("price_type", PRICE_TYPES, title=_("price type")),
        filters.typed("currency", title=_("currency"), lookup="iexact"),
    )
    list_filter_submit = True
    more_columns = (
        "recurring_period",
        "unit_of_measure",
        "tax_rate",
        "tax_included",
        "valid_from",
        "valid_to",
        *ExchangeAdmin.more_columns,
    )
    bulk_fields = ("currency", "unit", "tax_rate", "tax_included", "valid_from", "valid_to")
    search_fields = ("name", "unit")
    resource_class = PriceResource
    write_serializer_class = PriceWriteSerializer
    create_action = price_create
    update_action = price_update
    delete_action = price_delete
    used_by = USERS
    change_form_outer_before_template = "pricing/holds.html"

    @display(description=_("Amount"), ordering="value")
    def amount(self, row: Price) -> str:
        """As one writes it, not with every place that the column has."""
        return number_format(written(row.value, row.currency))

    def form_context(self, request: HttpRequest, row: Price) -> dict[str, Any]:
        """A price that a publication holds says so before anybody tries to change it."""
        holds = list(PriceHold.objects.filter(price=row))
        known = holders.holders(request, (hold.publication_id for hold in holds))
        shown = [(hold, known.get(str(hold.publication_id))) for hold in holds]
        return {**super().form_context(request, row), "holds": shown}

    def check_deletable(self, row: Price) -> None:
        refuse_if_held(row)

    def worded(self, request: HttpRequest, refusal: SuiteError) -> str:
        """Who holds a price is asked for by name."""
        if isinstance(refusal, Locked):
            return holders.told(request, refusal.extra["publications"])  # type: ignore[arg-type]
        return super().worded(request, refusal)

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What is left empty is not said: an empty type asks for the one that fits."""
        optional = ("price_type", "recurring_period", "unit_of_measure")
        return {**cleaned, **{name: cleaned[name] or None for name in optional if name in cleaned}}


@admin.register(PriceHold)
class PriceHoldAdmin(ReadOnly, ListAdmin):
    list_display = ("price", "publication_id", "held_at")
    list_select_related = ("price",)
    search_fields = ("price__name",)
    search_exact = ("publication_id", "price_id")


@admin.register(PublicationFence)
class PublicationFenceAdmin(ReadOnly, ListAdmin):
    list_display = ("publication_id", "created_at", "ended_at")
    search_fields = ("publication_id",)
