from django.contrib import admin

from apps.admin_kit.model_admin import ActionAdmin
from catalog_services.characteristic.actions.characteristic_create import characteristic_create
from catalog_services.characteristic.actions.characteristic_delete import characteristic_delete
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.api.serializers import CharacteristicWriteSerializer
from catalog_services.characteristic.models import Characteristic


@admin.register(Characteristic)
class CharacteristicAdmin(ActionAdmin):
    list_display = ("name", "value_type", "unit_of_measure", "version", "updated_at")
    list_filter = ("value_type", "unit_of_measure")
    search_fields = ("name", "description")
    write_serializer_class = CharacteristicWriteSerializer
    create_action = characteristic_create
    update_action = characteristic_update
    delete_action = characteristic_delete
