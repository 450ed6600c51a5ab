import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalog_services.gateway.settings")
pages = get_asgi_application()

from catalog_services.gateway.edge.entry import Edge  # noqa: E402  (settings are there only now)

application = Edge(pages)
# What is loaded now stays: the collector need not look at it again for every few hundred requests.
gc.collect()
gc.freeze()
# A request leaves dozens of objects, hardly any in a cycle: to collect after every few is a tenth of its time.
gc.set_threshold(10_000, 20, 20)
