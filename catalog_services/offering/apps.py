from django.apps import AppConfig


class OfferingConfig(AppConfig):
    """What is sold: offerings, bundles, categories, catalogs, and their publication."""

    name = "catalog_services.offering"
    label = "offering"

    def ready(self) -> None:
        from catalog_services.offering import health

        health.register()
