from django.urls import path

from catalog_services.gateway.pages import docs, errors, health, schema

urlpatterns = [
    path("", docs.index),
    path("health", health.live),
    path("health/live", health.live),
    path("health/ready", health.live),
    path("health/dependencies", health.dependencies),
    path("api/v1/schema", schema.merged),
    path("api/v1/docs", docs.swagger),
    path("static/drf_spectacular_sidecar/swagger-ui-dist/<str:name>", docs.asset),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
