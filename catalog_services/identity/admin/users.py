from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminPasswordWidget

from apps.admin_kit.forms import ActionForm
from apps.admin_kit.model_admin import ActionAdmin
from apps.admin_kit.names import ROLE_NAMES
from apps.core.actor import ROLES
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_delete import user_delete
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.api.serializers import UserWriteSerializer
from catalog_services.identity.domain.user import USERNAME_RULE
from catalog_services.identity.models import User


class UserForm(ActionForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role, ROLE_NAMES[role]) for role in ROLES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty to keep the present one. A new one signs the user out everywhere."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Who is new has no password to keep."""
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = _(USERNAME_RULE)
        if self.instance._state.adding:
            password = self.fields["password"]
            password.required = True
            password.help_text = _("At least 10 characters, and none that many people use.")


@admin.register(User)
class UserAdmin(ActionAdmin):
    form = UserForm
    readonly_fields = ("password_changed_at", *ActionAdmin.readonly_fields)
    fields = (
        "username",
        "email",
        "roles",
        "is_active",
        "external_id",
        "password",
        *readonly_fields,
    )
    list_display = ("username", "email", "role_names", "is_active", "last_login")
    list_filter = ("is_active",)
    more_columns = ("password_changed_at", *ActionAdmin.more_columns)
    bulk_fields = ("is_active", "roles")
    search_fields = ("username", "email")
    write_serializer_class = UserWriteSerializer
    create_action = user_create
    update_action = user_update
    delete_action = user_delete

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(str(ROLE_NAMES.get(role, role)) for role in user.roles)

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in cleaned.items() if name != "password" or value}
