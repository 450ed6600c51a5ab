"""Where a request comes from, as far as the proxies on its way are trusted to say so in X-Forwarded-For."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """None of what is no address."""
    try:
        return ip_address(text)
    except ValueError:
        return None


class Proxies:
    """Trusted ones: addresses, or networks like ``10.0.0.0/8``. Raises ``ValueError`` of anything else."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._networks = [ip_network(text, strict=False) for text in texts]

    def __contains__(self, text: str) -> bool:
        address = parsed(text)
        return address is not None and any(address in network for network in self._networks)

    def chain(self, peer: str, forwarded_for: str) -> list[str]:
        """The hops up to ``peer``, the farthest first. Each proxy adds who asked it at the right; of what a stranger
        sends only its own address counts."""
        if peer not in self:
            return [peer]
        hops = [hop.strip() for hop in forwarded_for.split(",")]
        return [*(hop for hop in hops if parsed(hop) is not None), peer]

    def stranger(self, chain: Sequence[str]) -> str:
        """The nearest hop that is no trusted proxy, whatever stands before it; empty when all are trusted."""
        return next((hop for hop in reversed(chain) if hop not in self), "")
