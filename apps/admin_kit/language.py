"""Which language a request is answered in, and every model's and field's name in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, override

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from config.services import is_page


class AdminLocaleMiddleware(LocaleMiddleware):
    """On a person's pages the one that was chosen, else the browser's; anywhere else English, whatever a browser
    wishes: integrators match on what the REST API says."""

    @override
    def process_request(self, request: HttpRequest) -> None:
        if is_page(request.path):
            super().process_request(request)
        else:  # the thread may have answered a screen before
            translation.activate(settings.LANGUAGE_CODE)

    @override
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if is_page(request.path) else response


def translate_names(models: Iterable[type[Model]]) -> None:
    """Have the names of models, fields and choices looked up when they are shown.

    They are words of the code, mostly made by Django from a field's name; migrations go on to see those.
    """
    for model in models:
        options = model._meta
        options.verbose_name = _lazy(options.verbose_name)
        plural = options.verbose_name_plural
        # Django's own is lazy, too, and looks nothing up: the name with an s.
        options.verbose_name_plural = (
            _lazy(plural) if "verbose_name_plural" in options.original_attrs else gettext_lazy(str(plural))
        )
        for field in options.local_fields:
            field.verbose_name = _lazy(field.verbose_name)
            if field.choices:
                field.choices = [(value, _lazy(label)) for value, label in field.choices]


def _lazy(name: Any) -> Any:
    """A name that is looked up already stays; an empty one has nothing to look up."""
    return name if isinstance(name, Promise) or not name else gettext_lazy(str(name))
