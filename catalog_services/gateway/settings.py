"""The gateway: no database and no sign-in of its own; what it lets through and how long it waits."""

from config import env
from config.services import SERVICES
from config.settings.language import (  # noqa: F401 (of its pages for people; they are loaded when one is shown)
    LANGUAGE_COOKIE_NAME,
    LANGUAGES,
    LOCALE_PATHS,
)
from config.settings.service import bare

globals().update(bare("gateway"))

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
SILENCED_SYSTEM_CHECKS = [*bare("gateway")["SILENCED_SYSTEM_CHECKS"], "security.W003"]

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
# Bytes of the largest request body; what is collected before an upstream is bothered with it.
GATEWAY_MAX_BODY = env.env.int("MAX_BODY_BYTES", default=1_048_576)
# The largest that is a page's form, which writes a byte as up to three.
GATEWAY_MAX_FORM = 4 * GATEWAY_MAX_BODY
# The largest that carries a file to import, with what a form adds to it.
GATEWAY_MAX_UPLOAD = env.env.int("MAX_UPLOAD_BYTES", default=20_971_520) + 65_536
GATEWAY_COLLECT = 262_144
# A service that failed this often in a row is left alone for so many seconds, then tried with one request.
GATEWAY_BREAKER_FAILURES = env.env.int("GATEWAY_BREAKER_FAILURES", default=5)
# For so many seconds a failed service is left alone: one that is back must not wait for long, and one request a
# second harms no dead one.
GATEWAY_BREAKER_SECONDS = env.env.float("GATEWAY_BREAKER_SECONDS", default=1.0)
# Sign-in attempts per client address, in the notation of the library `limits`.
GATEWAY_LOGIN_RATE = env.env.str("GATEWAY_LOGIN_RATE", default="30/minute")
# Browser origins that may read the API, e.g. https://shop.example; none by default.
GATEWAY_CORS_ORIGINS = frozenset(env.env.list("GATEWAY_CORS_ORIGINS", default=[]))
# Addresses or networks whose X-Forwarded-* are believed, and a trace of their own (a load balancer); none by default.
GATEWAY_TRUSTED_PROXIES = env.env.list("GATEWAY_TRUSTED_PROXIES", default=[])
