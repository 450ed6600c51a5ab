from __future__ import annotations

import threading

from apps.core.ids import uuid7
from tests.e2e.conftest import Api
from tests.support.waiting import eventually


def found(visitor: Api, text: str) -> list[dict]:
    return visitor.get("/api/v1/store/search", params={"q": text}).json()["items"]


def test_a_complete_draft_becomes_published_and_searchable(manager, visitor, draft, unique):
    response = manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    assert response.status_code == 202, response.text
    assert response.json()["lifecycle_status"] == "PUBLISHING"
    publication = manager.get(response.headers["Location"])
    assert publication.status_code == 200, publication.text

    offering = manager.settled(draft["id"])
    assert offering["lifecycle_status"] == "PUBLISHED", manager.publication(draft["id"])
    assert offering["published_at"]
    eventually(lambda: manager.publication(draft["id"])["state"] == "DONE", why="prices not released")
    (item,) = eventually(lambda: found(visitor, unique))
    assert item["id"] == draft["id"]
    assert item["pricing"][0]["value"] == "39.90"
    assert item["specifications"][0]["characteristics"][0]["name"] == f"Speed {unique}"
    assert visitor.get(f"/api/v1/store/offerings/{draft['id']}").json()["id"] == draft["id"]
    assert manager.get(f"/api/v1/prices/{draft['pricing_ids'][0]}").json()["locked"] is False


def test_an_incomplete_draft_is_refused_and_the_answer_names_what_is_missing(manager, unique):
    draft = manager.made("offerings", name=unique)
    response = manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"specification_ids", "pricing_ids", "sales_channels"}


def test_of_two_simultaneous_publishes_one_wins(manager, draft):
    start, codes = threading.Barrier(2), []

    def publish() -> None:
        start.wait()
        codes.append(manager.post(f"/api/v1/offerings/{draft['id']}/publish").status_code)

    clicks = [threading.Thread(target=publish) for _ in range(2)]
    [c.start() for c in clicks]
    [c.join() for c in clicks]
    assert sorted(codes) == [202, 409]
    assert manager.settled(draft["id"])["lifecycle_status"] == "PUBLISHED"


def test_a_publication_that_fails_leaves_a_draft_with_its_reason_and_nothing_else(
    manager, admin, visitor, draft, unique
):
    """Its specification vanishes (an admin insists) after the draft was made: validation refuses it."""
    gone = admin.delete(f"/api/v1/specifications/{draft['specification_ids'][0]}", params={"force": "true"})
    assert gone.status_code == 204, gone.text
    response = manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    if response.status_code == 202:  # the offering service may have heard of the deletion already
        offering = manager.settled(draft["id"])
        assert offering["lifecycle_status"] == "DRAFT"
        assert offering["status_reason"]
        assert manager.publication(draft["id"])["state"] == "FAILED"
        assert manager.publication(draft["id"])["failure"]
    else:
        assert response.status_code == 400
    eventually(lambda: manager.get(f"/api/v1/prices/{draft['pricing_ids'][0]}").json()["locked"] is False)
    assert found(visitor, unique) == []
    assert visitor.get(f"/api/v1/store/offerings/{draft['id']}").status_code == 404


def test_a_changed_price_of_a_published_offering_reaches_the_store(manager, visitor, draft, unique):
    manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    assert manager.settled(draft["id"])["lifecycle_status"] == "PUBLISHED"
    price = f"/api/v1/prices/{draft['pricing_ids'][0]}"
    eventually(lambda: manager.patch(price, json={"value": "29.90"}).status_code == 200, why="still locked")
    eventually(lambda: found(visitor, unique) and found(visitor, unique)[0]["pricing"][0]["value"] == "29.90")


def test_a_retired_offering_leaves_the_store(manager, visitor, draft, unique):
    manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    manager.settled(draft["id"])
    eventually(lambda: found(visitor, unique))
    assert manager.post(f"/api/v1/offerings/{draft['id']}/retire").status_code == 200
    eventually(lambda: not found(visitor, unique))


def test_a_bundle_publishes_with_published_members_only(manager, draft, unique):
    bundle = manager.made(
        "offerings",
        name=f"Duo {unique}",
        is_bundle=True,
        bundled_offerings=[{"id": draft["id"]}],
        pricing_ids=draft["pricing_ids"],
        sales_channels=["web"],
    )
    assert manager.post(f"/api/v1/offerings/{bundle['id']}/publish").status_code in {400, 409}
    manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    manager.settled(draft["id"])
    assert manager.post(f"/api/v1/offerings/{bundle['id']}/publish").status_code == 202
    assert manager.settled(bundle["id"])["lifecycle_status"] == "PUBLISHED"
    assert manager.post(f"/api/v1/offerings/{draft['id']}/retire").status_code == 409


def test_a_used_row_is_not_deleted_and_its_users_are_named(manager, draft, unique):
    characteristic = manager.get("/api/v1/characteristics", params={"name": f"Speed {unique}"}).json()[0]
    for url, user in (
        (f"/api/v1/characteristics/{characteristic['id']}", f"Line {unique}"),
        (f"/api/v1/specifications/{draft['specification_ids'][0]}", f"Fibre {unique}"),
        (f"/api/v1/prices/{draft['pricing_ids'][0]}", f"Fibre {unique}"),
    ):
        response = manager.delete(url)
        assert response.status_code == 409, (url, response.text)
        assert user in response.json()["detail"]


def test_an_id_that_nobody_has_is_refused_through_every_door(manager, unique):
    nobody = str(uuid7())
    for collection, fields in (
        ("specifications", {"characteristic_ids": [nobody]}),
        ("offerings", {"specification_ids": [nobody]}),
        ("offerings", {"pricing_ids": [nobody]}),
    ):
        response = manager.post(f"/api/v1/{collection}", json={"name": unique, **fields})
        assert response.status_code == 400
        assert nobody in response.text
