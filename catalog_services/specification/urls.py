from django.urls import include, path

from catalog_services.specification.api.urls import urlpatterns as api

urlpatterns = [
    path("api/v1/", include(api)),
    path("", include("apps.rest.urls")),
    path("", include("apps.core.health")),
    path("", include("apps.admin_kit.urls")),
]
