from catalog_services.characteristic.models.characteristic import Characteristic

__all__ = ["Characteristic"]
