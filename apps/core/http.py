"""HTTP to the suite's own services and parts, wherever they are: there is no proxy on the way to them.

What the environment says of proxies (``HTTP_PROXY``) and of other people's passwords (``.netrc``) is for the world
outside (``trust_env``): the registries that the engines come from, a collector of traces, a suite elsewhere that a
catalog is imported into. Nobody else makes a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from config import env
from config.services import SERVICES

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
    """Whether a URL leads to a host that is neither this one nor one of the suite's: there may be a proxy to it."""
    ours = {urlsplit(env.service_url(service)).hostname for service in SERVICES}
    return urlsplit(url).hostname not in {None, "localhost", "127.0.0.1", "::1", *ours}


def get(url: str, *, timeout: float, **options: Any) -> requests.Response:
    """GET once, as ``requests.get`` does."""
    with Session() as session:
        return session.get(url, timeout=timeout, **options)
