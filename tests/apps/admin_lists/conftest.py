"""Lists of characteristics, whose service's settings these tests run with."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from apps.core import counting
from apps.core.actor import SYSTEM
from catalog_services.characteristic.actions.characteristic_create import characteristic_create
from catalog_services.characteristic.models import Characteristic
from tests.support.admin import screen_of

URL = "/admin/characteristic/characteristic/characteristic/"
PER_PAGE = 4


@pytest.fixture
def made() -> Callable[..., list[Characteristic]]:
    """``made(11, unit_of_measure="Mbps")`` -> so many characteristics, with names in order."""

    def make(number: int, **fields: object) -> list[Characteristic]:
        there = Characteristic.objects.count()
        return [
            characteristic_create(
                actor=SYSTEM, fields={"name": f"Speed {n:03}", "unit_of_measure": "None", **fields}
            )
            for n in range(there, there + number)
        ]

    return make


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than three rows are very many, and a page has four."""
    monkeypatch.setattr(counting, "EXACTLY", 3)
    monkeypatch.setattr(type(screen_of(Characteristic)), "list_per_page", PER_PAGE)


def text(client: Client, query: str = "", url: str = URL) -> str:
    response = client.get(f"{url}{query}")
    assert response.status_code == 200, response
    return response.content.decode()


def rows(page: str) -> list[str]:
    """What the rows of a list are called."""
    table = page.partition('id="result_list"')[2]
    return [
        unescape(name)
        for name in re.findall(r'<th[^>]*><a href="[^"]*" class="text-important" *>([^<]*)', table)
    ]


def way(page: str, name: str) -> str:
    """The query that a way on leads to; empty when there is none."""
    found = re.search(rf'<a href="([^"]*)"[^>]*>{name}</a>', page)
    return unescape(found.group(1)) if found else ""
