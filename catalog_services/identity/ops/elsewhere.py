"""Asking Zipkin and the log store, for a page that can do without them."""

from __future__ import annotations

from typing import Any

import httpx
import structlog

from apps.admin_kit.neighbours import client
from config import env

log = structlog.get_logger(__name__)


def answer(part: str, method: str, path: str, *, absent: Any, **request: Any) -> Any:
    """The JSON that a part answers, ``absent`` when it does not know what is asked, None when it gives no answer."""
    try:
        response = client().request(method, f"{env.part_url(part)}{path}", **request)
        return absent if response.status_code == httpx.codes.NOT_FOUND else response.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        log.warning("a part gave no answer", part=part, reason=type(error).__name__)
        return None
