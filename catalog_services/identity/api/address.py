"""Where a request comes from, as our own gateway and the proxies before it say."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest

from apps.core.addresses import Proxies


def client_address(request: HttpRequest) -> str:
    """The caller's address; of trusted proxies alone the farthest, as the gateway has seen it."""
    proxies = _proxies(tuple(settings.IDENTITY_TRUSTED_PROXIES))
    peer = str(request.META.get("REMOTE_ADDR") or "")
    chain = proxies.chain(peer, request.headers.get("X-Forwarded-For", ""))
    return proxies.stranger(chain) or chain[0]


@cache
def _proxies(texts: tuple[str, ...]) -> Proxies:
    return Proxies(texts)
