from __future__ import annotations

import pytest

from apps.outbox.models import OutboxEvent, Tombstone
from tests.support.sent_back import comes_back_as_read

pytestmark = pytest.mark.django_db
URL = "/api/v1/synonyms"


@pytest.fixture
def manager(api):
    return api("manager")


def test_a_set_of_synonyms_is_created_changed_deleted_and_told(manager):
    created = manager.post(URL, {"terms": ["wifi", " wireless  lan "]})
    assert created.status_code == 201, created.json()
    assert created.json()["terms"] == ["wifi", "wireless lan"]
    url = created["Location"]
    assert manager.patch(url, {"terms": ["wifi", "wlan"]}, HTTP_IF_MATCH='"1"').json()["terms"] == [
        "wifi",
        "wlan",
    ]
    assert [one["id"] for one in manager.get(f"{URL}?term=wlan").json()] == [created.json()["id"]]
    assert manager.get(f"{URL}?term=wireless").json() == []
    assert manager.delete(url).status_code == 204
    types = [event.type.split(".")[2] for event in OutboxEvent.objects.order_by("id")]
    assert types == ["SynonymSetCreated", "SynonymSetUpdated", "SynonymSetDeleted"]
    assert Tombstone.objects.get().version == 3


def test_what_is_read_may_be_sent_back(manager):
    comes_back_as_read(manager, manager.post(URL, {"terms": ["wifi", " wlan "]})["Location"])


@pytest.mark.parametrize(
    "terms", [[], ["wifi"], ["wifi", "WiFi"], ["wifi", "  "], ["wifi", "x" * 201], "wifi", ["wifi", None]]
)
def test_a_set_needs_two_different_terms(manager, terms):
    response = manager.post(URL, {"terms": terms})
    assert response.status_code == 400
    assert any(name.startswith("terms") for name in response.json()["errors"])
