from django.apps import AppConfig
from django.conf import settings


class ObservabilityConfig(AppConfig):
    name = "apps.observability"
    label = "observability"

    def ready(self) -> None:
        from apps.observability import logging, setup

        logging.configure()
        setup.setup_tracing(settings.SERVICE_NAME)
