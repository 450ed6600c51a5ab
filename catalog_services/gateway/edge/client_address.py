"""Who is asking, as far as that can be believed."""

from __future__ import annotations

from collections.abc import Iterable

from apps.core.addresses import Proxies
from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import Scope


class Addresses:
    """Reads and writes X-Forwarded-*: replaced, unless the peer is one of the ``trusted`` proxies."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._proxies = Proxies(trusted)

    def client(self, scope: Scope) -> str:
        """The client's address; of trusted proxies alone the nearest, which nobody can make up."""
        return self._proxies.stranger(self._chain(scope)) or _peer(scope)

    def is_proxy(self, scope: Scope) -> bool:
        """Whether a trusted proxy asks by itself, for nobody else."""
        return all(hop in self._proxies for hop in self._chain(scope))

    def forwarded(self, scope: Scope) -> list[tuple[str, str]]:
        """The X-Forwarded-For, -Proto and -Host that a service gets; the first names the client alone, and nothing that
        it may have made up."""
        host = headers.first(scope["headers"], b"host").decode("latin-1")
        scheme: str = scope["scheme"]
        if _peer(scope) in self._proxies:
            host = headers.first(scope["headers"], b"x-forwarded-host").decode("latin-1") or host
            claimed = headers.first(scope["headers"], b"x-forwarded-proto").decode("latin-1")
            scheme = claimed if claimed in {"http", "https"} else scheme
        return [
            ("x-forwarded-for", self.client(scope)),
            ("x-forwarded-proto", scheme),
            ("x-forwarded-host", host),
        ]

    def _chain(self, scope: Scope) -> list[str]:
        values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return self._proxies.chain(_peer(scope), b",".join(values).decode("latin-1"))


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"
