from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.admin_lists.list_admin import ListAdmin
from catalog_services.identity.models import SigningKey


@admin.register(SigningKey)
class SigningKeyAdmin(ListAdmin):
    """To look at. Keys are made and rotated by management commands; the private half is never shown."""

    list_display = ("kid", "state", "created_at", "activated_at", "retires_at")
    fields = readonly_fields = ("kid", "state", "public_pem", "created_at", "activated_at", "retires_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
