from django.urls import include, path

from apps.access.admin import admin_urls
from catalog_services.characteristic.api.urls import urlpatterns as api

urlpatterns = [
    path("api/v1/", include(api)),
    path("", include("apps.rest.urls")),
    path("", include("apps.core.health")),
    *admin_urls(),
]
