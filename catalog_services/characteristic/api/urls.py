from rest_framework.routers import SimpleRouter

from catalog_services.characteristic.api.views import CharacteristicViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("characteristics", CharacteristicViewSet, basename="characteristic")
urlpatterns = router.urls
