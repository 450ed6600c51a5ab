from __future__ import annotations

from django.contrib import admin

from apps.admin_lists.list_admin import ListAdmin
from apps.admin_lists.read_only import ReadOnly
from catalog_services.identity.models import SigningKey


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnly, ListAdmin):
    """To look at. Keys are made and rotated by management commands; the private half is never shown."""

    list_display = ("kid", "state", "created_at", "activated_at", "retires_at")
    fields = readonly_fields = ("kid", "state", "public_pem", "created_at", "activated_at", "retires_at")
