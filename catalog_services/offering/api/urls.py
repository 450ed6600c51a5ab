from rest_framework.routers import SimpleRouter

from catalog_services.offering.api.publications import PublicationViewSet
from catalog_services.offering.api.scheduled_changes import ScheduledChangeViewSet
from catalog_services.offering.api.synonyms import SynonymSetViewSet
from catalog_services.offering.api.views import CatalogViewSet, CategoryViewSet, OfferingViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("offerings", OfferingViewSet, basename="offering")
router.register("categories", CategoryViewSet, basename="category")
router.register("catalogs", CatalogViewSet, basename="catalog")
router.register("publications", PublicationViewSet, basename="publication")
router.register("scheduled-changes", ScheduledChangeViewSet, basename="scheduled-change")
router.register("synonyms", SynonymSetViewSet, basename="synonym-set")
urlpatterns = router.urls
