"""Asking another service, as a service: short timeouts, own token, the correlation id passed on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from http import HTTPStatus

import httpx

from apps.access.service_token import ServiceAuth
from apps.core import correlation, http
from apps.core.errors import NotFound, Unavailable
from apps.core.messages import Message
from config import env

TIMEOUT = httpx.Timeout(3.0, connect=1.0)


@functools.cache
def _client() -> httpx.Client:
    return http.client(timeout=TIMEOUT)


def get(service: str, path: str, **params: str | int | Sequence[str]) -> httpx.Response:
    """GET ``path`` at ``service``; a sequence is a repeated parameter.

    Raises ``NotFound`` for 404 and ``Unavailable`` for no or no useful answer.
    """
    headers = {correlation.HEADER: correlation.current()}
    url = f"{env.service_url(service)}{path}"
    try:
        response = _client().get(url, params=params, headers=headers, auth=ServiceAuth())
    except httpx.HTTPError as error:
        raise Unavailable(Message("The {service} service does not answer.", service=service)) from error
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise NotFound(Message("The {service} service has no {path}.", service=service, path=path))
    if not response.is_success:
        raise Unavailable(
            Message("The {service} service answered {status}.", service=service, status=response.status_code)
        )
    return response
