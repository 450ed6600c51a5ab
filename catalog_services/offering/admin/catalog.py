from django.contrib import admin

from apps.exchange.admin import ExchangeAdmin
from apps.references.usage import NOT_RETIRED, UsedBy
from catalog_services.offering.actions.catalog_create import catalog_create
from catalog_services.offering.actions.catalog_delete import catalog_delete
from catalog_services.offering.actions.catalog_update import catalog_update
from catalog_services.offering.admin.exchange import CatalogResource
from catalog_services.offering.api.serializers import CatalogWriteSerializer
from catalog_services.offering.models import Catalog


@admin.register(Catalog)
class CatalogAdmin(ExchangeAdmin):
    fieldsets = (
        (None, {"fields": ("name", "description", "valid_from", "valid_to")}),
        *ExchangeAdmin.record_fieldsets,
    )
    list_display = ("name", "valid_from", "valid_to", "version", "updated_at")
    more_columns = ("description", *ExchangeAdmin.more_columns)
    bulk_fields = ("valid_from", "valid_to", "description")
    search_fields = ("name", "description")
    resource_class = CatalogResource
    write_serializer_class = CatalogWriteSerializer
    create_action = catalog_create
    update_action = catalog_update
    delete_action = catalog_delete
    used_by = (UsedBy("offering", "offering", "/api/v1/offerings", "catalog_id", where=NOT_RETIRED),)
