from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Events written with the row, delivered to every subscriber, receipted; without a relay they are history alone."""

    name = "apps.outbox"
    label = "outbox"

    def ready(self) -> None:
        from django.conf import settings

        from apps.outbox import health
        from config.services import SERVICES

        if SERVICES[settings.SERVICE_NAME].relay:
            health.register()
