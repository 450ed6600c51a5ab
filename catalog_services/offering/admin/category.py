from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.admin_lists import filters
from apps.exchange.admin import ExchangeAdmin
from apps.references.usage import NOT_RETIRED, UsedBy
from catalog_services.offering.actions.category_create import category_create
from catalog_services.offering.actions.category_delete import category_delete
from catalog_services.offering.actions.category_update import category_update
from catalog_services.offering.admin import sources
from catalog_services.offering.admin.exchange import CategoryResource
from catalog_services.offering.api.serializers import CategoryWriteSerializer
from catalog_services.offering.models import Category


@admin.register(Category)
class CategoryAdmin(ExchangeAdmin):
    fieldsets = ((None, {"fields": ("name", "description", "parent")}), *ExchangeAdmin.record_fieldsets)
    list_display = ("name", "parent", "version", "updated_at")
    list_filter = (
        filters.using(
            "parent_id", sources.CATEGORIES, lambda rows, id_: rows.filter(parent=id_), title=_("parent")
        ),
    )
    list_select_related = ("parent",)
    more_columns = ("description", *ExchangeAdmin.more_columns)
    bulk_fields = ("parent", "description")
    search_fields = ("name", "description")
    autocomplete_fields = ("parent",)
    resource_class = CategoryResource
    write_serializer_class = CategoryWriteSerializer
    create_action = category_create
    update_action = category_update
    delete_action = category_delete
    used_by = (
        UsedBy("offering", "offering", "/api/v1/offerings", "category_id", where=NOT_RETIRED),
        UsedBy("category", "offering", "/api/v1/categories", "parent_id"),
    )

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        if "parent" not in cleaned:
            return cleaned
        parent = cleaned.pop("parent")
        return {**cleaned, "parent_id": parent.pk if parent else None}
