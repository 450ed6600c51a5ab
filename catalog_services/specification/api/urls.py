from rest_framework.routers import SimpleRouter

from catalog_services.specification.api.views import SpecificationViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("specifications", SpecificationViewSet, basename="specification")
urlpatterns = router.urls
