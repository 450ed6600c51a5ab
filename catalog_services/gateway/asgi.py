import os

from apps.core.requests import asgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalog_services.gateway.settings")
pages = asgi()

from catalog_services.gateway.edge.entry import Edge  # noqa: E402  (settings are there only now)

application = Edge(pages)
