from catalog_services.specification.models.specification import Specification

__all__ = ["Specification"]
