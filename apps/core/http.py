"""HTTP to the suite's own services and parts, wherever they are: there is no proxy on the way to them.

What the environment says of proxies (``HTTP_PROXY``) and of other people's passwords (``.netrc``) is for the world
outside (``trust_env``): the registries that the engines come from, a collector of traces, a suite elsewhere that a
catalog is imported into. Nobody else makes a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

if TYPE_CHECKING:
    import httpx


def client(*, trust_env: bool = False, **options: Any) -> httpx.Client:
    """An ``httpx.Client`` with these options."""
    import httpx  # late: a process that asks by requests alone does without it

    return httpx.Client(trust_env=trust_env, **options)


class Session(requests.Session):
    """For libraries that want a session of requests."""

    def __init__(self, *, trust_env: bool = False) -> None:
        super().__init__()
        self.trust_env = trust_env


def is_far(url: str) -> bool:
    """Whether a URL leads to another host, to which there may be a proxy when a person or another vendor names it."""
    return urlsplit(url).hostname not in {None, "localhost", "127.0.0.1", "::1"}


def get(url: str, *, timeout: float, **options: Any) -> requests.Response:
    """GET once, as ``requests.get`` does."""
    with Session() as session:
        return session.get(url, timeout=timeout, **options)
