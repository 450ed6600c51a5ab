from django.apps import AppConfig


class SagaConfig(AppConfig):
    """External tasks of the process engine, served by a service's Celery worker."""

    name = "apps.saga"
    label = "saga"

    def ready(self) -> None:
        from apps.saga import health

        health.register_broker()
