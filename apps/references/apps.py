from django.apps import AppConfig


class ReferencesConfig(AppConfig):
    """Local replicas of other services' ids and names."""

    name = "apps.references"
    label = "references"
