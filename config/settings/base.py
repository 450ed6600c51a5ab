"""What every service has, whatever its stores."""

from __future__ import annotations

from config import env

BASE_DIR = env.BASE_DIR

# Django's own, for CSRF tokens, and what identity's signing keys are encrypted with: it must be set in production,
# and kept with the backups; with another one nobody can sign in before `manage.py identity generate_keys`, which `up`
# and `migrate-all` run.
SECRET_KEY = env.env.str("DJANGO_SECRET_KEY", default="") or (
    "" if env.is_production() else "embedded-mode-only-never-in-production-0123456789abcdef"
)
# Django's pages with all details of an error; never in production.
DEBUG = env.env.bool("DEBUG", default=False)
# The host names under which the services may be asked: the public one and those of the services' own URLs.
ALLOWED_HOSTS = env.env.list(
    "ALLOWED_HOSTS", default=[] if env.is_production() else ["localhost", "127.0.0.1"]
)

# Addresses or networks whose X-Forwarded-* the gateway believes, and a trace of their own (a load balancer), and whose
# X-Forwarded-For identity believes behind the gateway; none by default.
GATEWAY_TRUSTED_PROXIES = env.env.list("GATEWAY_TRUSTED_PROXIES", default=[])

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"  # the admin has more: config/settings/language.py
USE_I18N = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

# Bytes: a body over this is refused with 413 before it is parsed. A form may have four times as many.
MAX_BODY_BYTES = env.env.int("MAX_BODY_BYTES", default=1_048_576)
# Django's, of forms: they write a byte of what was typed as up to three (``%C3``), and the names of the fields besides.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * MAX_BODY_BYTES

# Bytes: a file to import is streamed, and may be larger.
EXCHANGE_MAX_BYTES = env.env.int("MAX_UPLOAD_BYTES", default=20_971_520)
# Days that files and previews of imports and exports are kept (0: for ever); what was imported stays in the history.
EXCHANGE_KEEP_DAYS = env.env.days("EXCHANGE_KEEP_DAYS", default=30)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# TLS ends at the gateway's front; the services see its X-Forwarded-Proto.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = False
SECURE_SSL_REDIRECT = False
# Seconds that a browser remembers to come by https only.
SECURE_HSTS_SECONDS = env.env.int("SECURE_HSTS_SECONDS", default=31_536_000 if env.is_production() else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.is_production()
SECURE_HSTS_PRELOAD = env.is_production()
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.public_url().startswith("https://")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [env.public_url()]
if not env.is_production():
    CSRF_TRUSTED_ORIGINS += [f"http://127.0.0.1:{env.service_port('gateway')}"]
# The redirect to https is the front's work; everything else of `check --deploy` holds here.
SILENCED_SYSTEM_CHECKS = ["security.W008"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
