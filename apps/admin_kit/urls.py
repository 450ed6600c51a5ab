"""A service's admin at its own path below the gateway's ``/admin/``."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import path

from config.services import SERVICES

urlpatterns = [path(SERVICES[settings.SERVICE_NAME].admin_path.lstrip("/"), admin.site.urls)]
