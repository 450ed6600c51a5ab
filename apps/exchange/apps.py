from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Import and export of a service's rows as files, in the background, with a preview and an undo."""

    name = "apps.exchange"
    label = "exchange"

    def ready(self) -> None:
        from apps.exchange import sweeping  # noqa: F401 (declares periodic work)
