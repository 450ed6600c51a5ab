from django.apps import AppConfig


class SpecificationConfig(AppConfig):
    """What a product is made of: specifications, which choose among characteristics' values."""

    name = "catalog_services.specification"
    label = "specification"
