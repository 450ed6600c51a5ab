"""The browsable API of the whole suite, and a first page that says where everything is."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control

from config import env
from config.services import SERVICES

_FOLDER = "drf_spectacular_sidecar/swagger-ui-dist"


def index(request: HttpRequest) -> HttpResponse:
    """Links to everything a person may want to open, in his language."""
    services = [SERVICES[name] for name in settings.GATEWAY_UPSTREAMS]
    pages = (("flower", "flower", "/"), ("zipkin", "zipkin", "/"), ("cockpit", "camunda", env.cockpit_path()))
    consoles = {
        name: f"{env.part_public_url(part)}{path}" for name, part, path in pages if env.part_is_public(part)
    }
    with translation.override(translation.get_language_from_request(request)):
        return render(request, "gateway/index.html", {"services": services, "consoles": consoles})


def swagger(request: HttpRequest) -> HttpResponse:
    """Swagger UI over the merged document; its files come from here, never from elsewhere."""
    return render(request, "gateway/docs.html", {"folder": f"{settings.STATIC_URL}{_FOLDER}"})


@cache_control(public=True, max_age=86_400)
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """One file of Swagger UI."""
    found = finders.find(f"{_FOLDER}/{name}")
    if not isinstance(found, str) or not Path(found).is_file():
        raise Http404
    return HttpResponse(
        Path(found).read_bytes(), content_type=guess_type(name)[0] or "application/octet-stream"
    )
