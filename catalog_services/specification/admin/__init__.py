from django.contrib import admin

from apps.admin_kit.model_admin import ActionAdmin
from catalog_services.specification.actions.specification_create import specification_create
from catalog_services.specification.actions.specification_delete import specification_delete
from catalog_services.specification.actions.specification_update import specification_update
from catalog_services.specification.api.serializers import SpecificationWriteSerializer
from catalog_services.specification.models import Specification


@admin.register(Specification)
class SpecificationAdmin(ActionAdmin):
    list_display = ("name", "brand", "product_number", "version", "updated_at")
    list_filter = ("brand",)
    search_fields = ("name", "description", "brand", "product_number")
    write_serializer_class = SpecificationWriteSerializer
    create_action = specification_create
    update_action = specification_update
    delete_action = specification_delete
