from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Installed where there is a database; verifying tokens needs no installation."""

    name = "apps.access"
    label = "access"

    def ready(self) -> None:
        import apps.access.schema  # noqa: F401
