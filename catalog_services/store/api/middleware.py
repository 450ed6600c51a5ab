"""HEAD, which django-ninja leaves out: it serves only the methods that are declared."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class HeadMiddleware:
    """HEAD is GET without the body, and is allowed wherever GET is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"
            response = self.get_response(request)
            if not response.streaming:
                response["Content-Length"] = str(len(response.content))
                response.content = b""
        else:
            response = self.get_response(request)
        if response.get("Allow") == "GET":
            response["Allow"] = "GET, HEAD"
        return response
