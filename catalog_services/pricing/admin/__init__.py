from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.admin_kit.model_admin import ActionAdmin
from catalog_services.pricing.actions.price_create import price_create
from catalog_services.pricing.actions.price_delete import price_delete
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.api.serializers import PriceWriteSerializer
from catalog_services.pricing.models import Price, PriceHold, PublicationFence


@admin.register(Price)
class PriceAdmin(ActionAdmin):
    list_display = ("name", "value", "currency", "unit", "price_type", "version", "updated_at")
    list_filter = ("price_type", "currency")
    search_fields = ("name", "unit")
    write_serializer_class = PriceWriteSerializer
    create_action = price_create
    update_action = price_update
    delete_action = price_delete

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """An empty type of price asks for the one that fits."""
        return {**cleaned, "price_type": cleaned["price_type"] or None}


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What only publications make and end."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PriceHold)
class PriceHoldAdmin(ReadOnlyAdmin):
    list_display = ("price", "publication_id", "held_at")
    list_select_related = ("price",)
    search_fields = ("price__name", "publication_id")


@admin.register(PublicationFence)
class PublicationFenceAdmin(ReadOnlyAdmin):
    list_display = ("publication_id", "created_at", "ended_at")
    search_fields = ("publication_id",)
