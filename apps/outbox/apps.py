from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Events written with the row, delivered to every subscriber, receipted."""

    name = "apps.outbox"
    label = "outbox"
