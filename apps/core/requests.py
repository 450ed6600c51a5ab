"""Django as an application of WSGI or ASGI, whose requests no Content-Type breaks.

Django reads the header while it makes the request: what it cannot read there, or a charset whose codec is none for
texts (``rot13``), is an exception from before the first middleware. Here it is taken off, and the request is marked
for ``ProblemMiddleware``, which answers 415.
"""

from __future__ import annotations

import codecs
from typing import Any

import django
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.utils.http import parse_header_parameters

CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
"""Those that clients send, by the names that Python's codecs have."""


class _Marked:
    content_type_is_refused = False

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        if not _is_read(meta.get("CONTENT_TYPE", "")):
            self.content_type_is_refused = True
            meta["CONTENT_TYPE"] = ""
        super()._set_content_type_params(meta)  # type: ignore[misc]


class RequestOfWsgi(_Marked, WSGIRequest):
    pass


class RequestOfAsgi(_Marked, ASGIRequest):
    pass


class Wsgi(WSGIHandler):
    request_class = RequestOfWsgi


class Asgi(ASGIHandler):
    request_class = RequestOfAsgi


def wsgi() -> Wsgi:
    """As Django's ``get_wsgi_application``."""
    django.setup(set_prefix=False)
    return Wsgi()


def asgi() -> Asgi:
    """As Django's ``get_asgi_application``."""
    django.setup(set_prefix=False)
    return Asgi()


def is_refused(request: HttpRequest) -> bool:
    """Whether its Content-Type could not be read."""
    return getattr(request, "content_type_is_refused", False)


def _is_read(content_type: str) -> bool:
    if ";" not in content_type:
        return True
    try:
        _, parameters = parse_header_parameters(content_type)
        return codecs.lookup(parameters.get("charset", "utf-8")).name in CHARSETS
    except (ValueError, LookupError):
        return False
