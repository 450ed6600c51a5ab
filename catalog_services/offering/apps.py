from django.apps import AppConfig


class OfferingConfig(AppConfig):
    """What is sold: offerings, bundles, categories, catalogs, and their publication."""

    name = "catalog_services.offering"
    label = "offering"

    def ready(self) -> None:
        from apps.ops import flow
        from apps.saga import health as saga
        from catalog_services.offering import health
        from catalog_services.offering.selectors.publication import publication_flow

        health.register()
        saga.register_engine()
        flow.register("publications", publication_flow)
