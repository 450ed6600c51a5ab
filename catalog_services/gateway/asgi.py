import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalog_services.gateway.settings")
pages = get_asgi_application()

from catalog_services.gateway.edge.entry import Edge  # noqa: E402  (settings are there only now)

application = Edge(pages)
