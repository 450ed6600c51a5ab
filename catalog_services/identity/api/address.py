"""Where a request comes from, believing X-Forwarded-For only from our own gateway and the proxies before it."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address: the nearest hop that is not a trusted proxy, or the farthest when all are.

    Each proxy adds who asked it at the right of X-Forwarded-For; what is left of a stranger may be made up.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    chain = [*(hop for hop in hops if _parsed(hop) is not None), peer]
    return next((hop for hop in reversed(chain) if not _is_trusted(hop)), chain[0])


def _is_trusted(text: str) -> bool:
    address = _parsed(text)
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
