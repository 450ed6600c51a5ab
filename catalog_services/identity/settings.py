"""Identity: an admin behind its own sign-in, its own users with their history, and keys from its own table."""

from datetime import timedelta

from config import env
from config.services import SERVICES
from config.settings.service import with_admin

# Events of users are history: there is no topic, and nobody to carry them.
_base = with_admin("identity", user_model="identity.User", apps=("pgtrigger", "apps.outbox"))
globals().update(_base)

# Its pages are below /admin/ and /ops/, and a form of the one is open while the other is looked at.
CSRF_COOKIE_PATH = "/"
ACCESS_KEY_SOURCE = "catalog_services.identity.selectors.keys.TableKeys"
REST_FRAMEWORK = {
    **_base["REST_FRAMEWORK"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalog_services.identity.api.authentication.CurrentUserAuthentication"
    ],
}
SPECTACULAR_SETTINGS = {
    **_base["SPECTACULAR_SETTINGS"],
    "AUTHENTICATION_WHITELIST": REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"],
}
SIMPLE_JWT = {
    "ALGORITHM": "RS256",
    "ISSUER": _base["ACCESS_ISSUER"],
    "AUDIENCE": _base["ACCESS_AUDIENCE"],
    "ACCESS_TOKEN_LIFETIME": _base["ACCESS_TOKEN_LIFETIME"],
    "REFRESH_TOKEN_LIFETIME": _base["ACCESS_REFRESH_LIFETIME"],
    "UPDATE_LAST_LOGIN": False,
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# A refresh token used again within this time after its rotation gets the same successor: two requests of one
# browser may carry it at once. Later it is taken for stolen, and its family is revoked.
IDENTITY_REFRESH_GRACE = timedelta(seconds=10)
# Failed sign-ins in five minutes for one name from one address, before it has to wait.
IDENTITY_FAILURES_PER_NAME = env.env.int("IDENTITY_FAILURES_PER_NAME", default=10)
# Failed sign-ins in five minutes from one address for all names together, before it has to wait.
IDENTITY_FAILURES_PER_ADDRESS = env.env.int("IDENTITY_FAILURES_PER_ADDRESS", default=100)
IDENTITY_FAILURE_WINDOW = timedelta(minutes=5)
# Addresses or networks of the gateway, whose X-Forwarded-For identity believes; so it does of GATEWAY_TRUSTED_PROXIES.
IDENTITY_TRUSTED_PROXIES = [
    *env.env.list("TRUSTED_PROXIES", default=["127.0.0.0/8", "::1/128"]),
    *_base["GATEWAY_TRUSTED_PROXIES"],
]
# Each service may have a secret of its own (PRICING_CLIENT_SECRET); else all share SERVICE_CLIENT_SECRET.
IDENTITY_CLIENT_SECRETS = {name: env.client_secret(name) for name in SERVICES}
