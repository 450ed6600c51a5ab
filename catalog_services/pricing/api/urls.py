from rest_framework.routers import SimpleRouter

from catalog_services.pricing.api.views import PriceViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("prices", PriceViewSet, basename="price")
urlpatterns = router.urls
