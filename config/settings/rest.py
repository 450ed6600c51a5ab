"""DRF and OpenAPI: bearer tokens, problem documents, arrays with counts in headers."""

from __future__ import annotations

from typing import Any

from config.services import Service

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.access.rest.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.access.rest.RolePermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.rest.parsers.StrictJSONParser"],
    "DEFAULT_METADATA_CLASS": "apps.rest.metadata.MethodsOnly",
    "DEFAULT_PAGINATION_CLASS": "apps.rest.pagination.HeaderPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "apps.rest.filters.KnownParametersOnly",
        "django_filters.rest_framework.DjangoFilterBackend",
        "apps.rest.filters.PastedOrWords",
        "apps.rest.filters.StrictOrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "apps.rest.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "apps.rest.problems.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}


def spectacular(service: Service) -> dict[str, Any]:
    """drf-spectacular's settings for one service's document."""
    return {
        "TITLE": f"Catalog Suite: {service.name}",
        "VERSION": "1.0.0",
        "OAS_VERSION": "3.1.0",
        "SERVE_INCLUDE_SCHEMA": False,
        "SCHEMA_PATH_PREFIX": "/api/v1",
        "COMPONENT_SPLIT_REQUEST": True,
        "COMPONENT_SPLIT_PATCH": True,
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "SERVE_AUTHENTICATION": [],
        "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
        "AUTHENTICATION_WHITELIST": ["apps.access.rest.BearerAuthentication"],
    }
