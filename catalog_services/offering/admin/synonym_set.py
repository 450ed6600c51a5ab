from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.admin_kit.fields import WordsField
from apps.admin_kit.forms import ActionForm
from apps.exchange.admin import ExchangeAdmin
from catalog_services.offering.actions.synonym_set_create import synonym_set_create
from catalog_services.offering.actions.synonym_set_delete import synonym_set_delete
from catalog_services.offering.actions.synonym_set_update import synonym_set_update
from catalog_services.offering.admin.exchange import SynonymSetResource
from catalog_services.offering.api.synonyms import SynonymSetWriteSerializer
from catalog_services.offering.models import SynonymSet


class SynonymSetForm(ActionForm):
    terms = WordsField(
        tuple, label=_("Words"), help_text=_("Words and phrases that find each other; Enter ends one")
    )


@admin.register(SynonymSet)
class SynonymSetAdmin(ExchangeAdmin):
    form = SynonymSetForm
    fieldsets = ((None, {"fields": ("terms",)}), *ExchangeAdmin.record_fieldsets)
    list_display = ("__str__", "version", "updated_at")
    search_fields = ("terms",)
    resource_class = SynonymSetResource
    write_serializer_class = SynonymSetWriteSerializer
    create_action = synonym_set_create
    update_action = synonym_set_update
    delete_action = synonym_set_delete
