"""How many rows a list has: exactly, unless the caller would rather have a quick answer."""

from __future__ import annotations

import pytest

from apps.core import counting
from apps.core.actor import SYSTEM
from catalog_services.characteristic.actions.characteristic_create import characteristic_create

pytestmark = pytest.mark.django_db
URL = "/api/v1/characteristics"


@pytest.fixture(autouse=True)
def _six(monkeypatch):
    monkeypatch.setattr(counting, "EXACTLY", 3)
    for number in range(6):
        characteristic_create(actor=SYSTEM, fields={"name": f"Speed {number}", "unit_of_measure": "None"})


def test_a_total_is_exact(api):
    response = api("viewer").get(URL, {"limit": 2})
    assert response["X-Total-Count"] == "6"
    assert "Preference-Applied" not in response


def test_who_prefers_an_estimate_gets_one_and_is_told(api):
    client = api("viewer")
    client.get(URL)
    response = client.get(URL, {"limit": 2}, HTTP_PREFER="respond-async, count=estimated")
    assert response["X-Total-Count"].isdecimal()
    assert int(response["X-Total-Count"]) > 3
    assert response["Preference-Applied"] == "count=estimated"
    few = client.get(URL, {"limit": 2, "name": "Speed 1"}, HTTP_PREFER="count=estimated")
    assert few["X-Total-Count"] == "1"
