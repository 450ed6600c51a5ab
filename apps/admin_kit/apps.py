from django.apps import AppConfig


class AdminKitConfig(AppConfig):
    """Bases of the services' Django admin."""

    name = "apps.admin_kit"
    label = "admin_kit"
