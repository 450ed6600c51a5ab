"""The endpoints every DRF service has below ``/api/v1/<service>/``: schema, docs; event schemas, digest, operations."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config.services import SERVICES

_root = SERVICES[settings.SERVICE_NAME].api_root.lstrip("/")

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_root}/schema", SpectacularAPIView.as_view(), name="schema"),
    path(f"{_root}/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
if SERVICES[settings.SERVICE_NAME].topic:
    from apps.rest.digest import DigestView
    from apps.rest.events import EventSchemasView

    urlpatterns += [
        path(f"{_root}/digest", DigestView.as_view()),
        path(f"{_root}/events", EventSchemasView.as_view()),
        path(f"{_root}/ops/", include("apps.ops.urls")),
    ]
