from django.apps import AppConfig


class CharacteristicConfig(AppConfig):
    """What a product can be described with: characteristics, their units and allowed values."""

    name = "catalog_services.characteristic"
    label = "characteristic"
