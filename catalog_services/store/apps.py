from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The searchable store: what is published, composed and found fast."""

    name = "catalog_services.store"
    label = "store"

    def ready(self) -> None:
        from apps.saga import health as saga
        from catalog_services.store.projection import health as projection
        from catalog_services.store.stores import health

        health.register()
        projection.register()
        saga.register_broker()
