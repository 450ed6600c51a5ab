"""Where a request comes from, believing X-Forwarded-For only from our own gateway."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address: the last entry of X-Forwarded-For, which our gateway added, else the peer's own."""
    peer = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if forwarded and _is_trusted(peer) and _parsed(forwarded) is not None:
        return forwarded
    return peer


def _is_trusted(peer: str) -> bool:
    address = _parsed(peer)
    networks = _networks(tuple(settings.IDENTITY_TRUSTED_PROXIES))
    return address is not None and any(address in network for network in networks)


@cache
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
