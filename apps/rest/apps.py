from django.apps import AppConfig


class RestConfig(AppConfig):
    """The DRF edge every write service and identity share."""

    name = "apps.rest"
    label = "rest"
