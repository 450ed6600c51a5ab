from typing import override

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.admin import apps


class AdminKitConfig(AppConfig):
    """Bases of the services' Django admin."""

    name = "apps.admin_kit"
    label = "admin_kit"
    default = True

    @override
    def ready(self) -> None:
        from apps.admin_kit.language import translate_names

        translate_names(installed.get_models())


class SuiteAdminConfig(apps.AdminConfig):
    """Django's admin with our site."""

    default = False
    default_site = "apps.admin_kit.site.SuiteAdminSite"
