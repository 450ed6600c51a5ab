from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Events written with the row, delivered to every subscriber, receipted."""

    name = "apps.outbox"
    label = "outbox"

    def ready(self) -> None:
        from apps.outbox import health

        health.register()
