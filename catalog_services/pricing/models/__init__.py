from catalog_services.pricing.models.fence import PublicationFence
from catalog_services.pricing.models.hold import PriceHold
from catalog_services.pricing.models.price import Price

__all__ = ["Price", "PriceHold", "PublicationFence"]
