from typing import Any, override

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class AdminKitConfig(AppConfig):
    """Bases of the services' Django admin."""

    name = "apps.admin_kit"
    label = "admin_kit"
    default = True

    @override
    def ready(self) -> None:
        from apps.admin_kit.language import translate_names

        translate_names(installed.get_models())


class SuiteAdminConfig(SimpleAdminConfig):
    """Django's admin with our site, whose screens are imported where its URLs are.

    A relay and a worker have no screen to show: without them they take two thirds of the memory and start in half
    the time, which is how long a queue stands after one is killed.
    """

    default = False
    default_site = "apps.admin_kit.site.SuiteAdminSite"

    @override
    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_screens, checks.Tags.admin)


def check_screens(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    autodiscover()
    return check_admin_app(app_configs, **kwargs)
