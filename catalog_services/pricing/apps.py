from django.apps import AppConfig


class PricingConfig(AppConfig):
    """What an offering costs: prices, and the publications that hold them."""

    name = "catalog_services.pricing"
    label = "pricing"
