"""What another service holds, as ids, versions and hashes: its digest, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus

import httpx

from apps.access.service_token import ServiceAuth
from apps.core import http
from apps.core.errors import Unavailable
from config import env
from config.services import SERVICES

PAGE_TIMEOUT_SECONDS = 30.0

Pages = Callable[[str, str], Iterator[list[dict[str, str]]]]
"""``(service, kind)`` -> pages of ``{"id", "version", "hash"}`` in order of id; the kind as in event types."""


def digest_pages(service: str, kind: str) -> Iterator[list[dict[str, str]]]:
    """A write service's digest over HTTP, with this service's token. Raises ``Unavailable``."""
    url = f"{env.service_url(service)}{SERVICES[service].api_root}/digest"
    after = ""
    with http.client(timeout=PAGE_TIMEOUT_SECONDS, auth=ServiceAuth()) as client:
        while True:
            parameters = {"kind": kind, **({"after": after} if after else {})}
            try:
                response = client.get(url, params=parameters)
                response.raise_for_status()
            except httpx.HTTPStatusError as error:
                status = HTTPStatus(error.response.status_code).phrase
                raise Unavailable(f"The digest of {service} answers {status}.") from error
            except httpx.HTTPError as error:
                raise Unavailable(f"The {service} service does not answer.") from error
            page: list[dict[str, str]] = response.json()
            if not page:
                return
            yield page
            after = page[-1]["id"]
