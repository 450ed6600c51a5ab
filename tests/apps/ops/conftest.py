"""Events of the characteristic service, written by its real actions, stand for any service's events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

ROOT = "/api/v1/characteristic/ops"


@pytest.fixture
def ask(api: Callable[..., Client]) -> Callable[..., dict[str, Any]]:
    """``ask("flow")``: what an admin is answered."""

    def answered(path: str, **parameters: Any) -> dict[str, Any]:
        response = api("admin").get(f"{ROOT}/{path}", parameters)
        assert response.status_code == 200, response.content
        return dict(response.json())

    return answered


@pytest.fixture
def refused(api: Callable[..., Client]) -> Callable[..., dict[str, Any]]:
    """``refused("inbox", event="x")``: the problem document of an admin's request that is a 400."""

    def answered(path: str, **parameters: Any) -> dict[str, Any]:
        response = api("admin").get(f"{ROOT}/{path}", parameters)
        assert response.status_code == 400, response.content
        assert response["Content-Type"] == "application/problem+json"
        return dict(response.json())

    return answered
