"""Composes a service's settings from its registry entry; ``diffsettings`` shows the result.

A service's ``settings.py`` takes one of these and adds only what is its own.
"""

from __future__ import annotations

from typing import Any

from config import env
from config.services import SERVICES
from config.settings import access, admin, base, database, events, language, rest, saga
from config.settings.observability import logging_config

_EDGE = [
    "apps.core.middleware.CorrelationMiddleware",
    "apps.observability.middleware.AccessLogMiddleware",
    "apps.core.middleware.ProblemMiddleware",
]


def _constants(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.isupper()}


def bare(name: str) -> dict[str, Any]:
    """A service without PostgreSQL: the gateway and the store."""
    service = SERVICES[name]
    return {
        **_constants(base),
        **_constants(access),
        **_constants(events),
        **_constants(saga),
        "SERVICE_NAME": name,
        # With it the service, by its name, proves to identity who it is.
        "ACCESS_CLIENT_SECRET": env.client_secret(name),
        "ROOT_URLCONF": f"{service.module}.urls",
        "WSGI_APPLICATION": f"{service.module}.wsgi.application",
        "DATABASES": {},
        "STATIC_URL": f"{service.admin_path}static/",
        "STATIC_ROOT": env.state_dir() / "static" / name,
        "LOGGING": logging_config(name),
        "CELERY": events.celery(service),
        "EVENT_CONSUMER": "apps.outbox.inbox.consume",
        "INSTALLED_APPS": ["django.contrib.staticfiles", "apps.core", "apps.observability", service.module],
        "MIDDLEWARE": [*_EDGE, "django.middleware.security.SecurityMiddleware"],
    }


def with_admin(name: str, *, user_model: str, apps: tuple[str, ...] = ()) -> dict[str, Any]:
    """A service with PostgreSQL, DRF and a Django admin behind the one sign-in; ``apps`` are what it has besides."""
    service = SERVICES[name]
    suffix = f"{name}_{env.port_offset()}"
    settings = bare(name)
    settings.update(
        {
            **_constants(language),
            "DATABASES": database.databases(service),
            "AUTH_USER_MODEL": user_model,
            "AUTHENTICATION_BACKENDS": ["apps.access.admin.TokenRolesBackend"],
            "LOGIN_URL": "/admin/login/",
            "SESSION_COOKIE_NAME": f"catalog_session_{suffix}",
            "CSRF_COOKIE_NAME": f"catalog_csrf_{suffix}",
            "SESSION_COOKIE_PATH": service.admin_path,
            "CSRF_COOKIE_PATH": service.admin_path,
            "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
            "UNFOLD": admin.UNFOLD,
            "REST_FRAMEWORK": rest.REST_FRAMEWORK,
            "SPECTACULAR_SETTINGS": rest.spectacular(service),
            "INSTALLED_APPS": [
                "apps.admin_lists",
                "apps.admin_kit",
                "unfold.apps.BasicAppConfig",
                "unfold.contrib.filters",
                "apps.admin_kit.apps.SuiteAdminConfig",
                "django.contrib.auth",
                "django.contrib.contenttypes",
                "django.contrib.sessions",
                "django.contrib.messages",
                "django.contrib.postgres",
                "django.contrib.staticfiles",
                "django_filters",
                "rest_framework",
                "drf_spectacular",
                "drf_spectacular_sidecar",
                "apps.core",
                "apps.observability",
                "apps.rest",
                *apps,
                service.module,
            ],
            "MIDDLEWARE": [
                *_EDGE,
                "django.middleware.security.SecurityMiddleware",
                "whitenoise.middleware.WhiteNoiseMiddleware",
                "django.contrib.sessions.middleware.SessionMiddleware",
                "apps.admin_kit.language.AdminLocaleMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "apps.access.admin.SingleSignOnMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware",
                "django.middleware.clickjacking.XFrameOptionsMiddleware",
            ],
        }
    )
    return settings


def write_service(name: str) -> dict[str, Any]:
    """One of the four that own catalog data: outbox, replicas, saga, imports and exports; users are their tokens'
    principals."""
    more = ("pgtrigger", "apps.access", "apps.outbox", "apps.references", "apps.saga", "apps.exchange")
    settings = with_admin(name, user_model="access.Principal", apps=more)
    return {**settings, "DATA_UPLOAD_MAX_NUMBER_FIELDS": admin.MOST_FIELDS}
