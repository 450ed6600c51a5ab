"""Asking other services while a page is made: all at once, as the person who looks, and not for long."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from django.conf import settings
from django.http import HttpRequest

from apps.core import correlation, http
from config import env

log = structlog.get_logger(__name__)
TIMEOUT = httpx.Timeout(2.0, connect=0.5)
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Question:
    """GET ``path`` at ``service`` with ``params``; any other status than the ``accepted`` is no answer."""

    service: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    accepted: tuple[int, ...] = (200,)


@dataclass(frozen=True, slots=True)
class Answer:
    """A list or object as it came; ``total`` as the list says it, its length when it does not. What is not ``found``
    has the problem in its place (of a question that accepts 404)."""

    body: Any
    total: int
    found: bool = True


def ask[K](request: HttpRequest, questions: Mapping[K, Question]) -> dict[K, Answer | None]:
    """An answer to each, None for a service that did not give one in time: a page is shown without it.

    The person's own token goes along, so nobody is told more than he may know.
    """
    token = request.COOKIES.get(settings.ACCESS_COOKIE, "")
    headers = {
        "Authorization": f"Bearer {token}",
        correlation.HEADER: correlation.current(),
        "Prefer": "count=estimated",
    }
    waiting = {
        key: _pool().submit(copy_context().run, _one, question, headers)
        for key, question in questions.items()
    }
    return {key: future.result() for key, future in waiting.items()}


def _one(question: Question, headers: Mapping[str, str]) -> Answer | None:
    url = f"{env.service_url(question.service)}{question.path}"
    try:
        response = client().get(url, params=dict(question.params), headers=dict(headers))
        if response.status_code not in question.accepted:
            raise ValueError(response.status_code)
        body = response.json()
    except (httpx.HTTPError, ValueError) as error:
        log.warning("a neighbour gave no answer", neighbour=question.service, reason=type(error).__name__)
        return None
    counted = len(body) if isinstance(body, list) else 1
    total = int(response.headers.get("X-Total-Count", counted))
    return Answer(body, total, found=response.status_code != HTTPStatus.NOT_FOUND)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "neighbours")


@cache
def client() -> httpx.Client:
    """For short questions; its connections are kept."""
    return http.client(timeout=TIMEOUT)
