"""The gateway: no database and no sign-in of its own; what it lets through and how long it waits."""

from config import env
from config.services import SERVICES
from config.settings.language import (  # noqa: F401 (of its pages for people; they are loaded when one is shown)
    LANGUAGE_COOKIE_NAME,
    LANGUAGES,
    LOCALE_PATHS,
)
from config.settings.service import bare

_SHARED = bare("gateway")
globals().update(_SHARED)

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "drf_spectacular_sidecar",
    "apps.core",
    "apps.observability",
    "catalog_services.gateway",
]
# Correlation, tracing and the access line are the edge's work here, for proxied and own pages alike.
MIDDLEWARE = [
    "apps.core.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "/static/"
# No page of the gateway's own takes a form; the services check theirs.
SILENCED_SYSTEM_CHECKS = [*_SHARED["SILENCED_SYSTEM_CHECKS"], "security.W003"]

# Where each service answers: name -> base URL.
GATEWAY_UPSTREAMS = {name: env.service_url(name) for name in SERVICES if name != "gateway"}
# Seconds to connect to a service.
GATEWAY_CONNECT_TIMEOUT = env.env.float("GATEWAY_CONNECT_TIMEOUT", default=2.0)
# Seconds between two parts of a service's answer.
_READ_TIMEOUT = env.env.float("GATEWAY_READ_TIMEOUT", default=30.0)
# Seconds between two parts of one service's answer.
GATEWAY_READ_TIMEOUTS = {
    service: env.env.float(f"{service.upper()}_TIMEOUT", default=_READ_TIMEOUT)
    for service in GATEWAY_UPSTREAMS
}
# Seconds that a request's body may take; of a large one, between two parts of it.
GATEWAY_BODY_TIMEOUT = env.env.float("GATEWAY_BODY_TIMEOUT", default=30.0)
# Bytes of the largest request body, of a page's form, and of one that carries a file to import with what a form adds.
GATEWAY_MAX_BODY = _SHARED["MAX_BODY_BYTES"]
GATEWAY_MAX_FORM = _SHARED["DATA_UPLOAD_MAX_MEMORY_SIZE"]
GATEWAY_MAX_UPLOAD = _SHARED["EXCHANGE_MAX_BYTES"] + 65_536
# Bytes of a body that are collected before a service is bothered with it.
GATEWAY_COLLECT = 262_144
# A service that failed this often in a row is left alone for GATEWAY_BREAKER_SECONDS, then tried with one request.
GATEWAY_BREAKER_FAILURES = env.env.int("GATEWAY_BREAKER_FAILURES", default=5)
# For so many seconds a failed service is left alone: one that is back must not wait for long, and one request a
# second harms no dead one.
GATEWAY_BREAKER_SECONDS = env.env.float("GATEWAY_BREAKER_SECONDS", default=1.0)
# Sign-in attempts per client address, in the notation of the library `limits`.
GATEWAY_LOGIN_RATE = env.env.str("GATEWAY_LOGIN_RATE", default="30/minute")
# Browser origins that may read the API, e.g. https://shop.example; none by default.
GATEWAY_CORS_ORIGINS = frozenset(env.env.list("GATEWAY_CORS_ORIGINS", default=[]))
