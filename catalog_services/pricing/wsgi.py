import os

from apps.core.requests import wsgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalog_services.pricing.settings")
application = wsgi()
