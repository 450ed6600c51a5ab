from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Who people and services are: users, roles, keys, tokens and the one sign-in."""

    name = "catalog_services.identity"
    label = "identity"

    def ready(self) -> None:
        import apps.access.schema  # noqa: F401
        from catalog_services.identity import health

        health.register()
