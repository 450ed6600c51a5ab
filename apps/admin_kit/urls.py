"""A service's admin at its own path below the gateway's ``/admin/``."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import path

from config.services import SERVICES

admin.site.site_header = admin.site.site_title = f"Catalog Suite: {settings.SERVICE_NAME}"
admin.site.site_url = None

urlpatterns = [path(SERVICES[settings.SERVICE_NAME].admin_path.lstrip("/"), admin.site.urls)]
