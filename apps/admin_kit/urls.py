"""A service's admin at its own path below the gateway's ``/admin/``."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import path
from django.views.i18n import set_language

from config.services import SERVICES

admin.autodiscover()
admin.site.unregister(Group)  # roles come with the token: a group would have a form, and mean nothing

_ROOT = SERVICES[settings.SERVICE_NAME].admin_path.lstrip("/")
urlpatterns = [
    path(f"{_ROOT}language/", set_language, name="set_language"),
    path(_ROOT, admin.site.urls),
]
