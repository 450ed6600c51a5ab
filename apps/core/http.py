"""HTTP to the suite's own services and parts, wherever they are: there is no proxy on the way to them.

What the environment says of proxies (``HTTP_PROXY``) and of other people's passwords (``.netrc``) is for the world
outside, as the registries that the engines come from. Nobody else makes a client for ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    import httpx


def client(**options: Any) -> httpx.Client:
    """An ``httpx.Client`` with these options."""
    import httpx  # late: a process that asks by requests alone does without it

    return httpx.Client(trust_env=False, **options)


class Session(requests.Session):
    """For libraries that want a session of requests."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False


def get(url: str, *, timeout: float, **options: Any) -> requests.Response:
    """GET once, as ``requests.get`` does."""
    with Session() as session:
        return session.get(url, timeout=timeout, **options)
