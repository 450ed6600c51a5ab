from django.apps import AppConfig
from django.contrib.admin import apps


class AdminKitConfig(AppConfig):
    """Bases of the services' Django admin."""

    name = "apps.admin_kit"
    label = "admin_kit"
    default = True


class SuiteAdminConfig(apps.AdminConfig):
    """Django's admin with our site."""

    default = False
    default_site = "apps.admin_kit.site.SuiteAdminSite"
