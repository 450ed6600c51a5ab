from django.urls import include, path

from apps.access.ninja import optional
from catalog_services.store.api import operations, problems
from catalog_services.store.api.openapi import StoreAPI
from catalog_services.store.api.views import router

api = StoreAPI(
    title="Catalog Suite: store",
    version="1.0.0",
    description="What is published, found fast. Public but for operations; a bad bearer token is refused all the same.",
    openapi_url="/schema",
    docs_url="/docs",
    auth=optional,
)
api.add_router("", router)
api.add_router("", operations.router)
problems.install(api)

urlpatterns = [
    path("api/v1/store/", api.urls),
    path("", include("apps.core.health")),
]
