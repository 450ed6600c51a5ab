"""Store: the read side; no relational database, two stores of its own."""

from config import env
from config.settings.service import bare

_SHARED = bare("store")
globals().update(_SHARED)

INSTALLED_APPS = [*_SHARED["INSTALLED_APPS"], "ninja", "django_elasticsearch_dsl"]
MIDDLEWARE = [
    *_SHARED["MIDDLEWARE"],
    "catalog_services.store.api.middleware.HeadMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Nothing here takes a form or reads a cookie.
SILENCED_SYSTEM_CHECKS = [*_SHARED["SILENCED_SYSTEM_CHECKS"], "security.W003"]
EVENT_CONSUMER = "catalog_services.store.projection.consume"

# There is no admin here: the documentation's scripts live below the API's own prefix, served from the packages.
STATIC_URL = "/api/v1/store/static/"
WHITENOISE_USE_FINDERS = True
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

STORE_MONGODB_URL = env.part_url("mongodb")
# The database of the projections in MongoDB.
STORE_MONGODB_DATABASE = env.env.str("STORE_MONGODB_DATABASE", default="catalog_store")
STORE_ELASTICSEARCH_URL = env.part_url("elasticsearch")
# Every index of the store is named <prefix>-<generation>; the bare prefix is the alias of the live one.
STORE_INDEX_PREFIX = env.env.str("STORE_INDEX_PREFIX", default="catalog-store")
# Copies that Elasticsearch keeps of an index; counts for indexes made from then on.
STORE_INDEX_REPLICAS = env.env.int("STORE_INDEX_REPLICAS", default=0)
# How long after a write a search sees it, at most. Written into the index when it is made.
STORE_REFRESH_INTERVAL = "100ms"
# Seconds that a read waits for a store before it asks the other one.
STORE_READ_TIMEOUT = env.env.float("STORE_READ_TIMEOUT", default=2.5)
# Seconds that it waits for that one, the last to ask.
STORE_STAND_IN_TIMEOUT = env.env.float("STORE_STAND_IN_TIMEOUT", default=6.0)
# Seconds that a silent store is not asked again.
STORE_DOWN_MEMORY = env.env.float("STORE_DOWN_MEMORY", default=2.0)
# A Snowball language: the stems of names, descriptions and queries (snowballstemmer.algorithms()).
STORE_LANGUAGE = env.env.str("STORE_LANGUAGE", default="english")

ELASTICSEARCH_DSL = {"default": {"hosts": STORE_ELASTICSEARCH_URL}}
ELASTICSEARCH_DSL_AUTOSYNC = False
