"""What the store's detail is measured against: a Django view that does one raw ``find_one`` and nothing else.

No middleware, no logging, no tracing, one route. The document is asked for by id, with nothing but its stored body,
in the collection named by ``BENCH_COLLECTION``; its bytes are the answer, or it is 404.
"""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from pymongo import MongoClient

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[], SECRET_KEY="bench", USE_TZ=True)

_client: MongoClient[dict[str, Any]] = MongoClient(os.environ["MONGODB_URL"])
_entries = _client[os.environ["STORE_MONGODB_DATABASE"]][os.environ["BENCH_COLLECTION"]]


def detail(request: HttpRequest, offering_id: str) -> HttpResponse:
    found = _entries.find_one({"_id": offering_id}, {"body": 1})
    if found is None:
        return HttpResponse(status=404)
    return HttpResponse(found["body"], content_type="application/json")


urlpatterns = [path("offerings/<str:offering_id>", detail)]
application = get_wsgi_application()
