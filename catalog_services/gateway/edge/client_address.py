"""Who is asking, as far as that can be believed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Scope

type Network = IPv4Network | IPv6Network


class Addresses:
    """Reads and writes X-Forwarded-*: replaced, unless the peer is one of the ``trusted`` proxies."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted: list[Network] = [ip_network(text, strict=False) for text in trusted]

    def client(self, scope: Scope) -> str:
        """The client's address: the nearest hop that is not a trusted proxy."""
        for address in reversed(self._chain(scope)):
            if not self._is_trusted(address):
                return address
        return self._peer(scope)

    def is_proxy(self, scope: Scope) -> bool:
        """Whether a trusted proxy asks by itself, for nobody else."""
        return bool(self._trusted) and all(map(self._is_trusted, self._chain(scope)))

    def forwarded(self, scope: Scope) -> list[tuple[str, str]]:
        """The X-Forwarded-For, -Proto and -Host that a service gets."""
        host = headers.first(scope["headers"], b"host").decode("latin-1")
        scheme: str = scope["scheme"]
        if self._trusted and self._is_trusted(self._peer(scope)):
            host = headers.first(scope["headers"], b"x-forwarded-host").decode("latin-1") or host
            claimed = headers.first(scope["headers"], b"x-forwarded-proto").decode("latin-1")
            scheme = claimed if claimed in {"http", "https"} else scheme
        return [
            ("x-forwarded-for", ", ".join(self._chain(scope))),
            ("x-forwarded-proto", scheme),
            ("x-forwarded-host", host),
        ]

    def _chain(self, scope: Scope) -> list[str]:
        peer = self._peer(scope)
        if not self._trusted or not self._is_trusted(peer):
            return [peer]
        values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = [hop.strip() for hop in b",".join(values).decode("latin-1").split(",")]
        return [*(hop for hop in hops if _is_address(hop)), peer]

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)

    @staticmethod
    def _peer(scope: Scope) -> str:
        client = scope.get("client")
        return str(client[0]) if client else "unknown"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
